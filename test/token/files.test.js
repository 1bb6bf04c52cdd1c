'use strict';
// Files as a user: the kernel decides, the errors are those of node:fs, and the process never changes.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { ACCOUNTS, TEAM, describeAsRoot } = require('../support/accounts.js');
const { testWith } = require('../support/tools.js');
const { AccessToken } = require('../..');

/** Identity and capabilities of every thread of this process. */
const credentials = () =>
  fs
    .readdirSync('/proc/self/task')
    .map((task) => /^(?:Uid|Gid|Groups|CapEff|CapPrm|CapInh|CapAmb):.*$/gm[Symbol.match](fs.readFileSync(`/proc/self/task/${task}/status`, 'latin1')).join('\n'));

describeAsRoot('files', () => {
  /** @type {Record<'alice' | 'bob' | 'carol', AccessToken>} */
  const tokens = {};
  let folder;
  const file = (name) => path.join(folder, name);

  /** @param {string} name @param {AccessToken} owner @param {number} mode */
  function make(name, owner, mode, { gid = owner.gid, text = `of ${owner.name}` } = {}) {
    fs.writeFileSync(file(name), text);
    fs.chownSync(file(name), owner.uid, gid);
    fs.chmodSync(file(name), mode);
  }

  beforeAll(async () => {
    for (const who of ['alice', 'bob', 'carol']) tokens[who] = await AccessToken.forAccount(ACCOUNTS[who].name);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-token-'));
    fs.chmodSync(folder, 0o1777);
    for (const who of ['alice', 'bob', 'carol']) make(who, tokens[who], 0o600);
  });

  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test('a token says who it is', () => {
    const { alice } = tokens;
    const { uid } = os.userInfo({ encoding: 'utf8' });
    expect(alice).toMatchObject({ name: ACCOUNTS.alice.name, impersonationLevel: 'impersonation', closed: false });
    expect(alice.uid).toBeGreaterThan(uid);
    expect(alice.groups).toContain(alice.gid);
    expect(alice.groups).toHaveLength(2);
    expect(JSON.parse(JSON.stringify(alice))).toMatchObject({ name: ACCOUNTS.alice.name, uid: alice.uid });
  });

  test.each(['alice', 'bob', 'carol'])('%s reads what is hers and nothing else', async (who) => {
    for (const owner of ['alice', 'bob', 'carol']) {
      const reading = tokens[who].fs.readFile(file(owner), 'utf8');
      if (owner === who) expect(await reading).toBe(`of ${tokens[owner].name}`);
      else await expect(reading).rejects.toMatchObject({ code: 'EACCES', errno: -13, syscall: 'open', path: file(owner) });
    }
  });

  test('supplementary groups count', async () => {
    const team = tokens.alice.groups.find((gid) => gid !== tokens.alice.gid);
    make('shared', tokens.alice, 0o640, { gid: team });
    expect(await tokens.carol.fs.readFile(file('shared'), 'utf8')).toBe(`of ${tokens.alice.name}`);
    await expect(tokens.bob.fs.readFile(file('shared'))).rejects.toMatchObject({ code: 'EACCES' });
    await expect(tokens.carol.fs.writeFile(file('shared'), 'x')).rejects.toMatchObject({ code: 'EACCES' });
    expect(TEAM).toMatch(/team$/);
  });

  test('capabilities of root do not count while somebody else acts', async () => {
    make('locked-up', tokens.bob, 0);
    for (const who of ['alice', 'bob']) await expect(tokens[who].fs.readFile(file('locked-up'))).rejects.toMatchObject({ code: 'EACCES' });
    await expect(tokens.alice.fs.access('/etc/shadow', fs.constants.R_OK)).rejects.toMatchObject({ code: 'EACCES', syscall: 'access' });
    await tokens.alice.fs.access('/etc/passwd', fs.constants.R_OK);
  });

  test('what is made is the user\'s, with the umask of the token', async () => {
    const token = tokens.alice.duplicate();
    token.umask = 0o077;
    await token.fs.writeFile(file('written'), 'words');
    await token.fs.mkdir(file('made'));
    const { uid, gid } = token;
    expect(fs.statSync(file('written'))).toMatchObject({ uid, gid, mode: 0o100600 });
    expect(fs.statSync(file('made'))).toMatchObject({ uid, gid, mode: 0o040700 });
    await tokens.alice.fs.writeFile(file('written-2'), 'words', { mode: 0o666 });
    expect(fs.statSync(file('written-2')).mode & 0o777).toBe(0o666 & ~process.umask());
    expect(() => { token.umask = 0o1000; }).toThrow(RangeError);
    expect(process.umask()).not.toBe(0o077);
  });

  test('open gives a descriptor that the process may use, and that is not inherited', async () => {
    const fd = await tokens.alice.fs.open(file('alice'));
    expect(fs.readFileSync(fd, 'utf8')).toBe(`of ${tokens.alice.name}`);
    // O_CLOEXEC is 02000000.
    expect(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')).toMatch(/flags:\s+0?[0-9]*2[0-9]{6}$/m);
    fs.closeSync(fd);
  });

  test('every flag does what it does in node:fs', async () => {
    for (const flag of ['r', 'rs', 'r+', 'w', 'wx', 'w+', 'a', 'ax', 'as', 'a+', 'xa', 'sa+']) {
      const [ours, nodes] = [file('flag'), file('flag-node')];
      const results = [];
      for (const [name, open] of [[ours, (flags) => tokens.alice.fs.open(ours, flags)], [nodes, async (flags) => fs.openSync(nodes, flags)]]) {
        fs.rmSync(name, { force: true });
        if (!/x/.test(flag)) make(path.basename(name), tokens.alice, 0o600, { text: 'before' });
        const fd = await open(flag);
        const flags = /flags:\s+(\d+)/.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))[1];
        results.push([flags, fs.fstatSync(fd).size]);
        fs.closeSync(fd);
      }
      expect(results[0]).toEqual(results[1]);
    }
  });

  test('errors are those of node:fs', async () => {
    make('file', tokens.alice, 0o600);
    fs.mkdirSync(file('full/of/things'), { recursive: true });
    fs.symlinkSync('loop', file('loop'));
    const about = (error) => ({ message: error.message, code: error.code, errno: error.errno, syscall: error.syscall, path: error.path, dest: error.dest });
    /** @type {Array<[string, ...any[]]>} */
    const calls = [
      ['readFile', file('absent')], ['readFile', folder], ['readFile', `${file('file')}/x`], ['readFile', file('loop')],
      ['open', file('absent')], ['open', file('file'), 'wx'], ['open', file('x'.repeat(300))],
      ['writeFile', folder, 'x'], ['writeFile', file('no/where'), 'x'],
      ['stat', file('absent')], ['lstat', file('absent/x')], ['stat', file('loop')], ['access', file('absent')],
      ['readdir', file('absent')], ['readdir', file('file')],
      ['mkdir', file('file')], ['mkdir', file('no/where')], ['mkdir', file('file'), { recursive: true }], ['mkdir', `${file('file')}/x`, { recursive: true }],
      ['rmdir', file('absent')], ['rmdir', file('full')], ['rmdir', file('file')],
      ['unlink', file('absent')], ['unlink', file('absent/x')],
      ['rename', file('absent'), file('there')], ['rename', file('file'), file('full')],
    ];
    // The team's own root: an identity with the same rights as the process, to compare with.
    const root = await AccessToken.forAccount(0, { allowRoot: true });
    for (const [method, ...args] of calls) {
      const ours = await root.fs[method](...args).then(() => 'no error', about);
      const nodes = await fs.promises[method](...args).then(() => 'no error', about);
      // Node.js gained the path of what it could not read in version 26.
      if (nodes.syscall === 'read') Object.assign(nodes, { path: args[0], message: `EISDIR: illegal operation on a directory, read '${args[0]}'` });
      expect([method, ours]).toEqual([method, nodes]);
    }
  });

  test.each([0, 0.25, 0.4999, 0.5, 0.75, 0.9999])('a date is that of node:fs, %s milliseconds past its last whole one', async (fraction) => {
    const root = await AccessToken.forAccount(0, { allowRoot: true });
    const seconds = 1_795_258_381 + (331 + fraction) / 1000;
    fs.writeFileSync(file('dated'), '');
    fs.utimesSync(file('dated'), seconds, seconds);
    const [ours, nodes] = [await root.fs.stat(file('dated')), fs.statSync(file('dated'))];
    for (const time of ['atime', 'mtime']) expect(ours[time].getTime()).toBe(nodes[time].getTime());
  });

  // The one of the process that opens it, which is the server's.
  testWith('script')('a user has no terminal, whatever the server has', () => {
    const program = `
      const { AccessToken } = require(${JSON.stringify(require.resolve('../..'))});
      AccessToken.forAccount(${JSON.stringify(ACCOUNTS.alice.name)}).then(async ({ fs }) => {
        const tries = [fs.writeFile('/dev/tty', 'seen', { flag: 'r+' }), fs.open('/dev/tty', 'r'), fs.readFile('/dev/tty')];
        const found = await Promise.allSettled(tries);
        console.log(JSON.stringify([require('node:tty').isatty(0), ...found.map(({ reason }) => reason?.code ?? 'done'), (await fs.stat('/dev/tty')).isCharacterDevice()]));
      });`;
    fs.writeFileSync(file('terminal.js'), program);
    const { stdout } = spawnSync('script', ['-qec', `${process.execPath} ${file('terminal.js')}`, '/dev/null'], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('[true,"ENXIO","ENXIO","ENXIO",true]');
  });

  test('answers are those of node:fs', async () => {
    const root = await AccessToken.forAccount(0, { allowRoot: true });
    fs.mkdirSync(file('listing/folder'), { recursive: true });
    fs.writeFileSync(file('listing/ä'), '\u00ff text');
    fs.symlinkSync('nowhere', file('listing/link'));
    for (const options of [undefined, 'utf8', 'hex', { encoding: 'latin1' }, { encoding: null, flag: 'r' }]) {
      expect(await root.fs.readFile(file('listing/ä'), options)).toEqual(fs.readFileSync(file('listing/ä'), options));
    }
    expect((await root.fs.readdir(file('listing'))).sort()).toEqual(fs.readdirSync(file('listing')).sort());
    expect((await root.fs.readdir(file('listing'), 'buffer')).map(String).sort()).toEqual(fs.readdirSync(file('listing')).sort());
    const kinds = (entries) => entries.map((entry) => [entry.name, entry.isFile(), entry.isDirectory(), entry.isSymbolicLink()]).sort();
    expect(kinds(await root.fs.readdir(file('listing'), { withFileTypes: true }))).toEqual(kinds(fs.readdirSync(file('listing'), { withFileTypes: true })));
    for (const [ours, nodes] of [[await root.fs.stat(folder), fs.statSync(folder)], [await root.fs.lstat(file('listing/link')), fs.lstatSync(file('listing/link'))], [await root.fs.stat('/dev/null'), fs.statSync('/dev/null')]]) {
      expect(ours).toBeInstanceOf(fs.Stats);
      for (const field of ['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino', 'size', 'blocks']) expect([field, ours[field]]).toEqual([field, nodes[field]]);
      for (const time of ['atime', 'mtime', 'ctime', 'birthtime']) {
        expect(ours[`${time}Ms`]).toBeCloseTo(nodes[`${time}Ms`], 2);
        expect(ours[time].getTime()).toBe(nodes[time].getTime());
      }
      for (const is of ['isFile', 'isDirectory', 'isSymbolicLink', 'isCharacterDevice']) expect(ours[is]()).toBe(nodes[is]());
    }
    expect(await root.fs.mkdir(file('a/b/c'), { recursive: true })).toBe(file('a'));
    expect(await root.fs.mkdir(file('a/b/c'), { recursive: true })).toBeUndefined();
    expect(await root.fs.mkdir(file('mode'), { mode: 0o700 })).toBeUndefined();
    await root.fs.rename(file('mode'), file('renamed'));
    await root.fs.rmdir(file('renamed'));
    expect(fs.existsSync(file('renamed'))).toBe(false);
  });

  test('data of every kind, and paths of every kind', async () => {
    const { alice } = tokens;
    for (const data of ['text', Buffer.from('octets'), new Uint16Array([1, 2]), new DataView(new ArrayBuffer(3)), '', Buffer.alloc(3_000_000, 7)]) {
      for (const name of [file('data'), Buffer.from(file('data')), pathToFileURL(file('data'))]) {
        await alice.fs.writeFile(name, data, { flush: true });
        const expected = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        expect((await alice.fs.readFile(name)).equals(expected)).toBe(true);
      }
    }
    await alice.fs.writeFile(file('data'), 'aa', { encoding: 'hex' });
    await alice.fs.writeFile(file('data'), 'b', { flag: 'a' });
    expect(await alice.fs.readFile(file('data'), 'hex')).toBe('aa62');
    // Files of /sys say that they have 4096 octets, and have fewer.
    expect(await alice.fs.readFile('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8').catch(({ code }) => code)).toMatch(/madvise|ENOENT/);
    const relative = path.relative(process.cwd(), file('data'));
    expect(await alice.fs.readFile(relative, 'hex')).toBe('aa62');
  });

  test.each([
    ['readFile', ['']], ['readFile', ['a\0b']], ['readFile', [5]], ['readFile', [Buffer.from([47, 0])]], ['readFile', ['/x', 'klingon']],
    ['readFile', ['/x', { encodign: 'utf8' }]], ['readFile', ['/x', { signal: {} }]], ['readFile', [new URL('http://example/')]], ['open', ['/x', 'q']],
    ['open', ['/x', -1]], ['writeFile', ['/x', {}]], ['writeFile', ['/x', 5]], ['writeFile', ['/x', 'x', { mode: 'rw' }]], ['mkdir', ['/x', { recursive: 1 }]],
    ['mkdir', ['/x', 0o17777]], ['access', ['/x', 8]], ['rename', ['/x']], ['readdir', ['/x', { withFileTypes: 1 }]], ['stat', []],
  ])('%s %j is a mistake', async (method, args) => {
    const error = await tokens.alice.fs[method](...args).catch((thrown) => thrown);
    expect(error.name).toMatch(/^(?:Type|Range)Error/);
    expect(error.syscall).toBeUndefined();
  });

  test("the server's own links and files in /proc lead users nowhere", async () => {
    const { alice } = tokens;
    const hidden = fs.mkdtempSync(path.join(folder, 'hidden-'));
    fs.writeFileSync(path.join(hidden, 'open'), 'secret', { mode: 0o644 });
    fs.chmodSync(hidden, 0o700);
    const fd = fs.openSync(path.join(hidden, 'open'));
    const cwd = process.cwd();
    process.chdir(hidden);
    try {
      fs.symlinkSync(`/proc/self/fd/${fd}`, file('link-to-fd'));
      fs.symlinkSync('/proc/self/cwd', file('link-to-cwd'));
      const refused = expect.objectContaining({ code: expect.stringMatching(/^(?:EACCES|ELOOP)$/) });
      const targets = [path.join(hidden, 'open'), 'open', `/proc/self/fd/${fd}`, `/dev/fd/${fd}`, '/proc/self/cwd/open', '/proc/self/root/etc/passwd', '/proc/self/maps', '/proc/keys', file('link-to-fd'), file('link-to-cwd/open')];
      for (const target of targets) {
        await expect(alice.fs.readFile(target)).rejects.toEqual(refused);
        await expect(alice.fs.open(target)).rejects.toEqual(refused);
        await expect(alice.fs.access(target)).rejects.toEqual(refused);
        await expect(alice.fs.stat(target)).rejects.toEqual(refused);
      }
      await expect(alice.fs.readdir('/proc/self/fd')).rejects.toEqual(refused);
      await expect(alice.fs.readdir(file('link-to-cwd'))).rejects.toEqual(refused);
      await expect(alice.fs.lstat(`${file('link-to-cwd')}/`)).rejects.toEqual(refused);
      await expect(alice.fs.writeFile('/proc/thread-self/comm', 'x')).rejects.toEqual(refused);
      for (const name of ['unlink', 'rmdir', 'mkdir', 'lstat']) await expect(alice.fs[name]('/proc/self/cwd/open')).rejects.toEqual(refused);
      await expect(alice.fs.rename(file('alice'), '/proc/self/cwd/open')).rejects.toEqual(refused);
      expect((await alice.fs.lstat(file('link-to-fd'))).isSymbolicLink()).toBe(true);
    } finally {
      process.chdir(cwd);
      fs.closeSync(fd);
    }
  });

  test('what a file says of its length takes no memory before it is there', async () => {
    fs.writeFileSync(file('sparse'), '');
    fs.truncateSync(file('sparse'), 2_000_000_000);
    fs.chownSync(file('sparse'), tokens.alice.uid, tokens.alice.gid);
    await expect(tokens.alice.fs.readFile(file('sparse'))).rejects.toMatchObject({ code: 'EFBIG' });
  });

  test('one who asks for more than can be done stops nobody else', async () => {
    const fifo = file('fifo-3');
    require('node:child_process').spawnSync('mkfifo', ['-m', '666', fifo]);
    const controller = new AbortController();
    const stuck = Array.from({ length: 4 }, () => tokens.bob.fs.readFile(fifo, { signal: controller.signal }).catch(() => 'aborted'));
    const waiting = Array.from({ length: 40_000 }, () => tokens.bob.fs.stat(fifo).then(() => 'done', ({ code }) => code));
    expect((await tokens.alice.fs.readFile(file('alice'), 'utf8'))).toBe(`of ${tokens.alice.name}`);
    controller.abort();
    expect(await Promise.all(stuck)).toEqual(Array(4).fill('aborted'));
    const isDone = { waiting: false };
    const all = Promise.all(waiting);
    all.then(() => { isDone.waiting = true; });
    while (!isDone.waiting) {
      try {
        fs.closeSync(fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK));
      } catch (error) {
        expect(error.code).toBe('ENXIO');
      }
      await new Promise(setImmediate);
    }
    expect(new Set(await all)).toEqual(new Set(['done', 'EAGAIN']));
  });

  test('an aborted read rejects with the reason of its signal', async () => {
    const reason = new Error('enough');
    await expect(tokens.alice.fs.readFile(file('alice'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const fifo = file('fifo');
    require('node:child_process').spawnSync('mkfifo', ['-m', '666', fifo]);
    const controller = new AbortController();
    const reading = tokens.alice.fs.readFile(fifo, { signal: controller.signal });
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    // Lets the thread go.
    fs.closeSync(fs.openSync(fifo, 'w'));
  });

  test('a user who lets his operations wait for ever does not stop the others', async () => {
    const fifo = file('fifo-2');
    require('node:child_process').spawnSync('mkfifo', ['-m', '666', fifo]);
    const stuck = Array.from({ length: 40 }, () => tokens.bob.fs.readFile(fifo, 'utf8'));
    const reads = await Promise.all(Array.from({ length: 100 }, () => tokens.alice.fs.readFile(file('alice'), 'utf8')));
    expect(new Set(reads)).toEqual(new Set([`of ${tokens.alice.name}`]));
    const settled = Promise.all(stuck);
    const state = { isDone: false };
    settled.then(() => { state.isDone = true; });
    while (!state.isDone) {
      try {
        fs.closeSync(fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK));
      } catch (error) {
        // Nobody reads at this moment.
        expect(error.code).toBe('ENXIO');
      }
      await new Promise(setImmediate);
    }
    expect(await settled).toHaveLength(40);
  });

  test('100,000 mixed operations of three users: each gets what is his, and no thread has changed', async () => {
    const before = new Set(credentials());
    expect(before.size).toBe(1);
    const names = ['alice', 'bob', 'carol'];
    let wrong = 0;
    let random = 12345;
    const next = (count) => {
      random = (random * 1103515245 + 12345) % 2147483648;
      return Math.floor((random / 2147483648) * count);
    };
    const one = async () => {
      const who = names[next(3)];
      const owner = names[next(3)];
      const mine = who === owner;
      const { fs: files } = tokens[who];
      const expectRefusal = (error) => { if (mine || error.code !== 'EACCES') wrong++; };
      switch (next(4)) {
        case 0:
          return files.readFile(file(owner), 'utf8').then((text) => { if (!mine || text !== `of ${tokens[owner].name}`) wrong++; }, expectRefusal);
        case 1:
          return files.access(file(owner), fs.constants.W_OK).then(() => { if (!mine) wrong++; }, expectRefusal);
        case 2:
          return files.open(file(owner), 'r+').then((fd) => { fs.closeSync(fd); if (!mine) wrong++; }, expectRefusal);
        default:
          return files.stat(file(owner)).then(({ uid }) => { if (uid !== tokens[owner].uid) wrong++; });
      }
    };
    for (let batch = 0; batch < 100; batch++) await Promise.all(Array.from({ length: 1000 }, one));
    expect(wrong).toBe(0);
    expect(new Set(credentials())).toEqual(before);
    expect(process.geteuid()).toBe(0);
  }, 120_000);
});
