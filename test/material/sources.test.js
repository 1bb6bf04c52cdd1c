'use strict';
// Sources that change: what was in force stays until everything was read again, and whatever went wrong is tried again.

const { spawnSync } = require('node:child_process');
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');

const { readMaterial } = require('../../lib/material/read.js');
const { SourceWatcher } = require('../../lib/material/sources.js');
const { toPem } = require('../support/certificate-builder.js');
const { mountVolume, newFolder, removeFolders, replace, untilSettled, write } = require('./folder.js');

// No certificates: what is in them is no concern of whoever watches files.
const pem = (...numbers) => numbers.map((number) => toPem(Buffer.from([0x30, 1, number]))).join('');

/** Time that passes when it is told to. The pauses of a reading pass by themselves. */
class Timers {
  #timers = new Map();
  #now = 0;

  constructor() {
    this.setTimeout = (callback, milliseconds) => {
      if (milliseconds <= 25) return setTimeout(callback, milliseconds);
      const timer = { unref: jest.fn() };
      this.#timers.set(timer, { at: this.#now + milliseconds, callback });
      return timer;
    };
    this.clearTimeout = (timer) => (this.#timers.delete(timer) ? undefined : clearTimeout(timer));
  }

  get pending() {
    return Array.from(this.#timers, ([timer, { at }]) => ({ in: at - this.#now, unref: timer.unref.mock.calls.length }));
  }

  pass(milliseconds) {
    this.#now += milliseconds;
    for (const [timer, { at, callback }] of this.#timers) {
      if (at > this.#now) continue;
      this.#timers.delete(timer);
      callback();
    }
  }
}

/** @param {string} file @param {() => void} make */
function instead(file, make) {
  fs.unlinkSync(file);
  make();
}

/** @type {SourceWatcher[]} */
const watchers = [];

/** As a verifier does it. */
class Watched extends EventEmitter {
  failures = [];
  reloads = [];
  onReload = async () => {};
  timers = new Timers();

  constructor(input, environment = {}) {
    super();
    this.material = readMaterial('ca', 'certificate', input);
    this.watcher = new SourceWatcher({
      sources: this.material.watched,
      onChange: async (sources, signal) => {
        this.reloads.push(sources.map(({ path: file }) => path.basename(file)).sort().join(' '));
        this.emit('reload');
        await this.onReload(signal);
        this.material = await this.material.reread(signal);
        this.emit('reloaded');
      },
      onFailure: (error, source) => {
        this.failures.push([path.basename(source.path), error]);
        this.emit('failure', error);
      },
      environment: { ...this.timers, ...environment },
    });
    watchers.push(this.watcher);
  }

  get numbers() {
    return this.material.ders.map(({ der }) => der[2]);
  }

  check() {
    return this.watcher.check();
  }

  /** Until something is so, looked at whenever something happened. @param {() => boolean} condition */
  async until(condition) {
    while (!condition()) await Promise.race([once(this, 'reloaded'), once(this, 'failure')]);
  }
}

/** After its first look. */
async function watchedOnce(...parameters) {
  const watched = new Watched(...parameters);
  await watched.check();
  expect(watched.reloads).toEqual([]);
  return watched;
}

afterEach(() => watchers.splice(0).forEach((watcher) => watcher.close()));
afterAll(removeFolders);

/** A folder with files that are older than a tick. @param {Record<string, string>} files */
async function folderWith(files) {
  const folder = newFolder();
  write(folder, files);
  await untilSettled(...Object.keys(files).map((name) => path.join(folder, name)));
  return folder;
}

describe.each([['polled', 60_000], ['watched', 'watch']])('%s', (_how, refresh) => {
  // Manual timers: nothing is looked at but by check(), and where watching is not what is tried, nothing is watched.
  const still = { watch: () => Object.assign(new EventEmitter(), { close() {} }) };

  /** @type {[string, Record<string, string>, (folder: string) => void, number[]][]} */
  const changes = [
    ['a file is replaced', { a: pem(1) }, (folder) => replace(path.join(folder, 'a'), pem(2)), [2]],
    ['a file is written to', { a: pem(1) }, (folder) => fs.writeFileSync(path.join(folder, 'a'), pem(2)), [2]],
    ['a file grows', { a: pem(1) }, (folder) => fs.appendFileSync(path.join(folder, 'a'), pem(2)), [1, 2]],
    ['a file is removed and made again', { a: pem(1) }, (folder) => {
      fs.unlinkSync(path.join(folder, 'a'));
      fs.writeFileSync(path.join(folder, 'a'), pem(2));
    }, [2]],
    ['its directory is exchanged', { a: pem(1) }, (folder) => {
      fs.renameSync(folder, `${folder}.old`);
      write(folder, { a: pem(2) });
      fs.rmSync(`${folder}.old`, { recursive: true });
    }, [2]],
  ];

  test.each(changes)('%s', async (_what, files, change, expected) => {
    const folder = await folderWith(files);
    const watched = await watchedOnce({ file: path.join(folder, 'a'), refresh }, still);
    change(folder);
    await watched.check();
    expect(watched.numbers).toEqual(expected);
    await watched.check();
    expect(watched.reloads).toEqual(['a']);
    expect(watched.failures).toEqual([]);
  });

  test.each([
    ['a file is added', (folder) => write(folder, { b: pem(2) }), [1, 2]],
    ['a file is replaced', (folder) => replace(path.join(folder, 'a'), pem(3)), [3]],
    ['a file is removed', (folder) => fs.unlinkSync(path.join(folder, 'a')), []],
    ['a file is renamed', (folder) => {
      write(folder, { 'b.tmp': pem(2) });
      fs.renameSync(path.join(folder, 'b.tmp'), path.join(folder, 'b'));
    }, [1, 2]],
  ])('in a directory %s', async (_what, change, expected) => {
    const folder = await folderWith({ a: pem(1) });
    const watched = await watchedOnce({ directory: folder, refresh }, still);
    change(folder);
    await watched.check();
    expect(watched.numbers).toEqual(expected);
    await watched.check();
    expect(watched.reloads).toHaveLength(1);
  });

  test('a volume of Kubernetes is exchanged: its files change together', async () => {
    const folder = newFolder();
    mountVolume(folder, { a: pem(1), b: pem(2) });
    await untilSettled(path.join(folder, 'a'), path.join(folder, 'b'));
    const watched = await watchedOnce([{ file: path.join(folder, 'a'), refresh }, { file: path.join(folder, 'b'), refresh }, { directory: folder, refresh }], still);
    mountVolume(folder, { a: pem(3), b: pem(4) });
    await watched.check();
    expect(watched.numbers).toEqual([3, 4, 3, 4]);
    expect(watched.reloads).toHaveLength(1);
  });

  test.each([
    ['a file that is gone', (file) => fs.unlinkSync(file), /ENOENT/],
    ['a directory in its place', (file) => instead(file, () => fs.mkdirSync(file)), /it is a directory/],
    ['a dangling link', (file) => instead(file, () => fs.symlinkSync('gone', file)), /ENOENT/],
    ['nothing in it', (file) => fs.writeFileSync(file, ''), /: empty$/],
    ['half of it', (file) => fs.writeFileSync(file, pem(2).slice(0, -10)), /block 1, line/],
  ])('what was in force stays: %s', async (_what, spoil, message) => {
    const folder = await folderWith({ a: pem(1), b: pem(9) });
    const file = path.join(folder, 'a');
    const watched = await watchedOnce([{ file, refresh }, { file: path.join(folder, 'b'), refresh }], still);
    const [{ loadedAt }] = watched.watcher.stats();
    spoil(file);
    await watched.check();
    await watched.check();
    await watched.check();
    expect(watched.failures).toEqual([['a', expect.objectContaining({ path: file, message: expect.stringMatching(message) })]]);
    expect(watched.numbers).toEqual([1, 9]);
    expect(watched.watcher.stats()).toEqual([
      { where: 'ca[0]', path: file, loadedAt, failures: 3, lastError: expect.objectContaining({ path: file }) },
      { where: 'ca[1]', path: path.join(folder, 'b'), loadedAt: expect.any(Date), failures: 0, lastError: null },
    ]);
    fs.rmSync(file, { recursive: true, force: true });
    fs.writeFileSync(file, pem(3));
    await watched.check();
    expect(watched.numbers).toEqual([3, 9]);
    expect(watched.watcher.stats()[0]).toMatchObject({ failures: 0, lastError: null });
    // What went wrong and was mended may go wrong again.
    spoil(file);
    await watched.check();
    expect(watched.failures).toHaveLength(2);
  });

  test('what is put back as it was needs no reading', async () => {
    const folder = await folderWith({ a: pem(1) });
    const file = path.join(folder, 'a');
    const watched = await watchedOnce({ directory: folder, refresh }, still);
    fs.mkdirSync(`${folder}.away`);
    write(folder, { b: 'no certificate' });
    await watched.check();
    expect(watched.watcher.stats()[0].failures).toBe(1);
    fs.renameSync(path.join(folder, 'b'), path.join(`${folder}.away`, 'b'));
    await watched.check();
    expect(watched.watcher.stats()[0]).toMatchObject({ failures: 0, lastError: null });
    expect(fs.existsSync(file)).toBe(true);
    expect(watched.reloads).toHaveLength(1);
    fs.rmSync(`${folder}.away`, { recursive: true });
  });

  test('another one of several is spoilt: none comes into force', async () => {
    const folder = await folderWith({ a: pem(1), b: pem(2) });
    const watched = await watchedOnce([{ file: path.join(folder, 'a'), refresh }, { file: path.join(folder, 'b'), refresh }], still);
    fs.unlinkSync(path.join(folder, 'b'));
    replace(path.join(folder, 'a'), pem(3));
    await watched.check();
    expect(watched.numbers).toEqual([1, 2]);
    expect(watched.failures.map(([name]) => name)).toEqual(['b']);
    expect(watched.watcher.stats().map(({ failures }) => failures)).toEqual([1, 1]);
    replace(path.join(folder, 'b'), pem(4));
    await watched.check();
    expect(watched.numbers).toEqual([3, 4]);
    expect(watched.watcher.stats().map(({ lastError }) => lastError)).toEqual([null, null]);
  });

  test('whoever puts it into force fails: it is tried again, though nothing changed since, and told once', async () => {
    const folder = await folderWith({ a: pem(1) });
    const file = path.join(folder, 'a');
    const watched = await watchedOnce({ file, refresh }, still);
    const reasons = ['EMFILE: too many open files', 'EMFILE: too many open files', 'another', 'EMFILE: too many open files'];
    watched.onReload = async () => {
      const reason = reasons.shift();
      if (reason) throw new Error(reason);
    };
    replace(file, pem(2));
    for (let i = 0; i < 4; i++) await watched.check();
    expect(watched.numbers).toEqual([1]);
    expect(watched.failures.map(([name, { message }]) => `${name} ${message}`)).toEqual(['a EMFILE: too many open files', 'a another']);
    await watched.check();
    expect(watched.numbers).toEqual([2]);
    await watched.check();
    expect(watched.reloads).toHaveLength(5);
  });

  test('what fails without an error fails', async () => {
    const folder = await folderWith({ a: pem(1) });
    const watched = await watchedOnce({ file: path.join(folder, 'a'), refresh }, still);
    watched.onReload = () => Promise.reject('no reason'); // eslint-disable-line prefer-promise-reject-errors
    replace(path.join(folder, 'a'), pem(2));
    await watched.check();
    expect(watched.failures).toEqual([['a', expect.objectContaining({ message: 'no reason' })]]);
  });

  test('one reading at a time; what changes during one is read by the next', async () => {
    const folder = await folderWith({ a: pem(1) });
    const file = path.join(folder, 'a');
    const watched = await watchedOnce({ file, refresh }, still);
    let running = 0;
    let most = 0;
    const reading = async () => {
      running += 1;
      most = Math.max(most, running);
      if (watched.reloads.length === 1) replace(file, pem(3));
      await new Promise(setImmediate);
      running -= 1;
    };
    Object.assign(watched, { onReload: reading });
    replace(file, pem(2));
    await Promise.all([watched.check(), watched.check(), watched.check()]);
    await watched.check();
    expect(watched.numbers).toEqual([3]);
    expect(most).toBe(1);
    expect(watched.reloads).toHaveLength(2);
  });

  test('closed while it reads: nothing is told any more', async () => {
    const folder = await folderWith({ a: pem(1) });
    const watched = await watchedOnce({ file: path.join(folder, 'a'), refresh }, still);
    watched.onReload = async (signal) => {
      watched.watcher.close();
      expect(signal.aborted).toBe(true);
    };
    replace(path.join(folder, 'a'), pem(2));
    await watched.check();
    expect(watched.numbers).toEqual([1]);
    expect(watched.failures).toEqual([]);
    replace(path.join(folder, 'a'), pem(3));
    await watched.check();
    watched.timers.pass(1e9);
    watched.watcher.close();
    watched.watcher.watch(watched.material.watched);
    expect(watched.watcher.stats()).toEqual([]);
    expect(watched.reloads).toHaveLength(1);
    expect(watched.timers.pending).toEqual([]);
  });

  test('closed while it looks', async () => {
    const folder = await folderWith({ a: pem(1) });
    const watched = new Watched({ file: path.join(folder, 'a'), refresh }, still);
    replace(path.join(folder, 'a'), pem(2));
    const checking = watched.check();
    watched.watcher.close();
    await checking;
    expect([watched.reloads, watched.failures, watched.timers.pending]).toEqual([[], [], []]);
  });

  test('other sources: those that were there stay as they are', async () => {
    const folder = await folderWith({ a: pem(1), b: pem(2), c: pem(3) });
    const sourcesOf = (...names) => readMaterial('ca', 'certificate', names.map((name) => ({ file: path.join(folder, name), refresh }))).watched;
    const [a, b] = sourcesOf('a', 'b');
    const [c] = sourcesOf('c');
    const told = [];
    const { timers } = new Watched([]);
    const watcher = new SourceWatcher({
      sources: [a, b],
      onChange: async (sources) => void told.push(...sources.map(({ path: file }) => path.basename(file))),
      onFailure: () => {},
      environment: { ...timers, ...still },
    });
    watchers.push(watcher);
    watcher.watch([b, c]);
    expect(watcher.stats().map(({ path: file }) => path.basename(file))).toEqual(['b', 'c']);
    for (const name of ['a', 'b', 'c']) replace(path.join(folder, name), pem(9));
    await watcher.check();
    expect(told).toEqual(['b', 'c']);
    watcher.watch([]);
    await watcher.check();
    expect(timers.pending).toEqual([]);
  });
});

test('what was read within a tick of its last change is read again', async () => {
  const folder = newFolder();
  const file = path.join(folder, 'a');
  const before = fs.statSync(folder).ctimeMs;
  fs.writeFileSync(file, pem(1));
  const watched = new Watched({ file, refresh: 1000 });
  // On a machine that was busy meanwhile there is nothing to see.
  if (watched.material.watched[0].fingerprint !== null) expect(Date.now() - before).toBeGreaterThanOrEqual(20);
  else {
    fs.writeFileSync(file, pem(2));
    await watched.check();
    expect(watched.numbers).toEqual([2]);
    await watched.check();
    expect(watched.reloads).toEqual(['a']);
  }
});

test('a file is not read within a tick of its last change', async () => {
  const folder = await folderWith({ a: pem(1) });
  const file = path.join(folder, 'a');
  const watched = new Watched({ file, refresh: 1000 });
  /** @type {number[]} */
  const ages = [];
  watched.onReload = async () => void ages.push(Date.now() - fs.statSync(file).ctimeMs);
  for (let number = 2; number < 12; number++) {
    fs.writeFileSync(file, pem(number));
    await watched.check();
    // As long as before, and perhaps with the same time: seen nevertheless.
    fs.writeFileSync(file, pem(100 + number));
    await watched.check();
    expect(watched.numbers).toEqual([100 + number]);
  }
  expect(ages).toHaveLength(20);
  expect(Math.min(...ages)).toBeGreaterThanOrEqual(20);
});

test('the clock of a filesystem is wrong: nobody waits for it', async () => {
  const folder = await folderWith({ a: pem(1) });
  const watched = new Watched({ file: path.join(folder, 'a'), refresh: 1000 }, { now: () => 0 });
  replace(path.join(folder, 'a'), pem(2));
  await watched.check();
  expect(watched.numbers).toEqual([2]);
});

describe('polling', () => {
  test('in its interval, not before; timers keep no process', async () => {
    const folder = await folderWith({ a: pem(1), b: pem(2) });
    const watched = new Watched([{ file: path.join(folder, 'a'), refresh: 1000 }, { directory: folder, refresh: 30_000 }]);
    expect(watched.timers.pending).toEqual([{ in: 1000, unref: 1 }, { in: 30_000, unref: 1 }]);
    replace(path.join(folder, 'a'), pem(3));
    watched.timers.pass(999);
    expect(watched.timers.pending).toHaveLength(2);
    const reloaded = once(watched, 'reloaded');
    watched.timers.pass(1);
    await reloaded;
    // Whatever is read again was all looked at.
    expect(watched.reloads).toEqual([`a ${path.basename(folder)}`]);
    expect(watched.numbers).toEqual([3, 3, 2]);
  });

  test('goes on after it found nothing, and after it failed', async () => {
    const folder = await folderWith({ a: pem(1) });
    const file = path.join(folder, 'a');
    const watched = new Watched({ file, refresh: 1000 });
    const looked = async () => {
      watched.timers.pass(1000);
      await watched.check();
      expect(watched.timers.pending).toEqual([{ in: 1000, unref: 1 }]);
    };
    await looked();
    fs.unlinkSync(file);
    await looked();
    expect(watched.failures).toHaveLength(1);
    fs.writeFileSync(file, pem(2));
    await looked();
    expect(watched.numbers).toEqual([2]);
  });

  test('what is read once is not looked at', async () => {
    const folder = await folderWith({ a: pem(1) });
    const watched = new Watched([{ file: path.join(folder, 'a') }, { directory: folder, refresh: false }, { file: path.join(folder, 'a'), refresh: 0 }]);
    fs.rmSync(path.join(folder, 'a'));
    await watched.check();
    expect([watched.watcher.stats(), watched.timers.pending, watched.failures]).toEqual([[], [], []]);
  });
});

describe('watching', () => {
  const real = { setTimeout, clearTimeout };

  /** @type {[string, (folder: string) => void][]} */
  const events = [
    ['a file is replaced', (folder) => replace(path.join(folder, 'a'), pem(2))],
    ['a file is written to', (folder) => fs.writeFileSync(path.join(folder, 'a'), pem(2))],
    ['a file is removed and made again', (folder) => {
      fs.unlinkSync(path.join(folder, 'a'));
      fs.writeFileSync(path.join(folder, 'a'), pem(2));
    }],
  ];

  test.each(events)('%s', async (_what, change) => {
    const folder = await folderWith({ a: pem(1) });
    const watched = new Watched({ file: path.join(folder, 'a'), refresh: 'watch' }, real);
    await watched.check();
    change(folder);
    await watched.until(() => watched.numbers[0] === 2);
  });

  test('a volume of Kubernetes, again and again', async () => {
    const folder = newFolder();
    mountVolume(folder, { a: pem(1), b: pem(1) });
    await untilSettled(path.join(folder, 'a'));
    const watched = new Watched([{ file: path.join(folder, 'a'), refresh: 'watch' }, { directory: folder, refresh: 'watch' }], real);
    await watched.check();
    for (let version = 2; version < 6; version++) {
      mountVolume(folder, { a: pem(version), b: pem(version) });
      await watched.until(() => watched.numbers.every((number) => number === version));
    }
  });

  test('a link to a file elsewhere, which changes', async () => {
    const folder = await folderWith({ 'there/a': pem(1) });
    fs.mkdirSync(path.join(folder, 'here'));
    fs.symlinkSync('../there/a', path.join(folder, 'here/a'));
    const watched = new Watched({ file: path.join(folder, 'here/a'), refresh: 'watch' }, real);
    await watched.check();
    replace(path.join(folder, 'there/a'), pem(2));
    await watched.until(() => watched.numbers[0] === 2);
    fs.writeFileSync(path.join(folder, 'there/a'), pem(3));
    await watched.until(() => watched.numbers[0] === 3);
  });

  test('a directory that is a link, which is replaced', async () => {
    const folder = await folderWith({ 'one/a': pem(1), 'two/a': pem(2) });
    fs.symlinkSync('one', path.join(folder, 'certs'));
    const watched = new Watched({ directory: path.join(folder, 'certs'), refresh: 'watch' }, real);
    await watched.check();
    fs.symlinkSync('two', path.join(folder, 'new'));
    fs.renameSync(path.join(folder, 'new'), path.join(folder, 'certs'));
    await watched.until(() => watched.numbers[0] === 2);
    write(folder, { 'two/b': pem(3) });
    await watched.until(() => watched.numbers[1] === 3);
  });

  test('a directory that vanishes and comes again', async () => {
    const folder = await folderWith({ 'certs/a': pem(1) });
    const certs = path.join(folder, 'certs');
    const watched = new Watched({ directory: certs, refresh: 'watch' }, real);
    await watched.check();
    fs.rmSync(certs, { recursive: true });
    await watched.until(() => watched.failures.length > 0);
    write(folder, { 'certs/a': pem(2) });
    await watched.until(() => watched.numbers[0] === 2);
    write(folder, { 'certs/b': pem(3) });
    await watched.until(() => watched.numbers[1] === 3);
  });

  test('many events are one look, a while after the first', async () => {
    const folder = await folderWith({ a: pem(1) });
    const emitter = Object.assign(new EventEmitter(), { close: jest.fn() });
    const watch = jest.fn(() => emitter);
    const watched = new Watched({ file: path.join(folder, 'a'), refresh: 'watch' }, { watch });
    await watched.check();
    expect(watch.mock.calls).toEqual([[folder, { persistent: false }]]);
    replace(path.join(folder, 'a'), pem(2));
    for (let i = 0; i < 100; i++) emitter.emit('change', 'change', 'a');
    expect(watched.timers.pending.filter((timer) => timer.in < 1000)).toEqual([{ in: 50, unref: 1 }]);
    const reloaded = once(watched, 'reloaded');
    watched.timers.pass(50);
    await reloaded;
    await watched.check();
    expect(watched.numbers).toEqual([2]);
    expect(watched.reloads).toHaveLength(1);
    watched.watcher.close();
    expect(emitter.close).toHaveBeenCalledTimes(1);
    emitter.emit('change', 'rename', 'a');
    expect(watched.timers.pending).toEqual([]);
  });

  test('what nobody was told of is found all the same', async () => {
    const folder = await folderWith({ a: pem(1) });
    const watched = new Watched({ file: path.join(folder, 'a'), refresh: 'watch' }, { watch: () => Object.assign(new EventEmitter(), { close() {} }) });
    await watched.check();
    replace(path.join(folder, 'a'), pem(2));
    const reloaded = once(watched, 'reloaded');
    watched.timers.pass(10_000);
    await reloaded;
    expect(watched.numbers).toEqual([2]);
  });

  test('it cannot be watched: that is told once, and it is polled', async () => {
    const folder = await folderWith({ a: pem(1) });
    const watch = jest.fn(() => {
      throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
    });
    const watched = new Watched({ file: path.join(folder, 'a'), refresh: 'watch' }, { watch });
    await watched.check();
    await watched.check();
    expect(watched.failures).toEqual([['a', expect.objectContaining({ code: 'ENOSPC' })]]);
    expect(watched.watcher.stats()[0]).toMatchObject({ failures: 0, lastError: null });
    replace(path.join(folder, 'a'), pem(2));
    const reloaded = once(watched, 'reloaded');
    watched.timers.pass(10_000);
    await reloaded;
    expect(watched.numbers).toEqual([2]);
    expect(watched.failures).toHaveLength(1);
  });

  test.each([['fails', 'error', new Error('EIO')], ['is of a directory that is moved away', 'change', 'rename']])('a watcher that %s is replaced', async (_what, event, argument) => {
    const folder = await folderWith({ a: pem(1) });
    /** @type {any[]} */
    const emitters = [];
    const watch = () => {
      emitters.push(Object.assign(new EventEmitter(), { close: jest.fn() }));
      return emitters.at(-1);
    };
    const watched = new Watched({ file: path.join(folder, 'a'), refresh: 'watch' }, { watch });
    await watched.check();
    expect(emitters).toHaveLength(1);
    emitters[0].emit(event, argument, path.basename(folder));
    expect(emitters[0].close).toHaveBeenCalledTimes(1);
    await watched.check();
    expect(emitters).toHaveLength(2);
  });

  test('watchers and timers keep no process', () => {
    const program = `
      const { readMaterial } = require('./lib/material/read.js');
      const { SourceWatcher } = require('./lib/material/sources.js');
      const { watched } = readMaterial('ca', 'certificate', [{ file: process.argv[1], refresh: 'watch' }, { file: process.argv[1], refresh: 1000 }]);
      new SourceWatcher({ sources: watched, onChange: async () => {}, onFailure: console.error }).check().then(() => console.log('looked'));`;
    const file = path.join(newFolder(), 'a');
    fs.writeFileSync(file, pem(1));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program, file], { cwd: path.join(__dirname, '../..'), timeout: 20_000 });
    expect({ status, stdout: String(stdout), stderr: String(stderr) }).toEqual({ status: 0, stdout: 'looked\n', stderr: '' });
  });
});

test('what onFailure throws reaches its owner, and stops nothing', async () => {
  const folder = await folderWith({ a: pem(1) });
  const [source] = readMaterial('ca', 'certificate', { file: path.join(folder, 'a'), refresh: 60_000 }).watched;
  const thrown = new Error('of the owner');
  const nextTick = jest.spyOn(process, 'nextTick').mockImplementation((callback) => {
    expect(callback).toThrow(thrown);
  });
  try {
    const changes = [];
    const watcher = new SourceWatcher({
      sources: [source],
      onChange: async () => {
        changes.push(1);
        if (changes.length === 1) throw new Error('of the reading');
      },
      onFailure: () => {
        throw thrown;
      },
    });
    watchers.push(watcher);
    replace(source.path, pem(2));
    await watcher.check();
    expect(nextTick).toHaveBeenCalled();
    await watcher.check();
    expect(changes).toHaveLength(2);
    expect(watcher.stats()[0]).toMatchObject({ failures: 0, lastError: null });
  } finally {
    nextTick.mockRestore();
  }
});
