'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { GridmapSource } = require('../../lib/account/gridmap-source.js');
const { parseGridmap } = require('../../lib/account/gridmap.js');
const { certificate } = require('./world.js');

const parse = (text, file) => Object.fromEntries([...parseGridmap(Buffer.from(text), file)].map(([dn, { line, users }]) => [dn, [line, ...users]]));
const error = (work) => {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
};

describe('the text of a gridmap', () => {
  test.each([
    ['"/O=Example/CN=Ada" ada', { '/O=Example/CN=Ada': [1, 'ada'] }],
    ['"/O=Example/CN=Ada Lovelace"\tada,guest  and a remark # and more', { '/O=Example/CN=Ada Lovelace': [1, 'ada', 'guest'] }],
    ['# comment\n\n  /O=Example/CN=Ada   ada\r\n', { '/O=Example/CN=Ada': [3, 'ada'] }],
    ['/O=#1/CN=Ada ada', { '/O=#1/CN=Ada': [1, 'ada'] }],
    ['"/CN=a \\"b\\"" ada', { '/CN=a "b"': [1, 'ada'] }],
    ['"/CN=a\\\\b" ada', { '/CN=a\\x5Cb': [1, 'ada'] }],
    ['"/CN=\\x41\\xc3\\xa9" ada', { '/CN=A\\xC3\\xA9': [1, 'ada'] }],
    ['"/CN=Aé" ada', { '/CN=A\\xC3\\xA9': [1, 'ada'] }],
    ['"/CN=a\\x2fb" ada', { '/CN=a\\x2Fb': [1, 'ada'] }],
    ['"/CN=a\\/b" ada', { '/CN=a\\x2Fb': [1, 'ada'] }],
    ['"/CN=a/Email=a@b" ada\n"/CN=b/E=a@b" ada\n"/USERID=c" ada', {
      '/CN=a/emailAddress=a@b': [1, 'ada'], '/CN=b/emailAddress=a@b': [2, 'ada'], '/UID=c': [3, 'ada'],
    }],
    ['"/CN=a" ada\n"/CN=a" ada', { '/CN=a': [1, 'ada'] }],
    ['', {}],
  ])('%j', (text, expected) => expect(parse(text)).toEqual(expected));

  test.each([
    ['"/CN=a ada', 1, /quotation mark/],
    ['\n"/CN=a"ada', 2, /blanks/],
    ['/CN=a', 1, /blanks/],
    ['"/CN=a"', 1, /blanks/],
    ['"/CN=a" ', 1, /''/],
    ['"/CN=a" ada,,bob', 1, /''/],
    ['"/CN=a" ada, bob', 1, /''/],
    ['"/CN=a" ../etc', 1, /'\.\.\/etc'/],
    ['"/CN=a" 0', 1, /'0'/],
    ['"CN=a" ada', 1, /name such as/],
    ['"" ada', 1, /name such as/],
    ['/CN=a\\ ada', 1, /name such as/],
    ['"/CN=a" ada\n#\n"/CN=\\x61" bob', 3, /line 1/],
    ['"/CN=a" ada\n"/CN=a" ada,bob', 2, /line 1/],
    [`/CN=${'a'.repeat(70000)} ada`, 1, /65536/],
    ['\n'.repeat(100_001), 100_001, /too many/],
    ['a'.repeat(8 * 1024 * 1024 + 1), 1, /octets/],
  ])('broken: %#', (text, line, message) => {
    const thrown = error(() => parse(text, '/some/file'));
    expect(thrown).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED', line, path: '/some/file' });
    expect(thrown.message).toMatch(message);
  });

  test('not UTF-8', () => expect(() => parseGridmap(Buffer.from([0x22, 0xff]))).toThrow(/UTF-8/));

  test('a value cannot look like further attributes', () => {
    const gridmap = parseGridmap(Buffer.from('"/O=Example/CN=root" root'));
    expect(gridmap.get(certificate({ subject: [{ O: 'Example/CN=root' }] }).subject.toOneline())).toBeUndefined();
    expect(gridmap.get(certificate({ subject: [{ O: 'Example' }, { CN: 'root' }] }).subject.toOneline()).users).toEqual(['root']);
  });

  test.each([['"/CN=a'], ['"/CN=\\'], ['/']])('long lines of %j take no long time', (start) => {
    expect(() => parse(`${start}${'\\"'.repeat(32_000)}`)).toThrow(/line 1/);
  });
});

describe('a gridmap of a file', () => {
  let directory;
  let file;
  /** @type {GridmapSource[]} */
  let sources;

  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'gridmap-'));
    file = path.join(directory, 'grid-mapfile');
    fs.writeFileSync(file, '"/CN=a" ada\n');
    sources = [];
  });
  afterEach(() => {
    for (const source of sources) source.close();
    fs.rmSync(directory, { recursive: true });
  });
  const open = (option) => {
    const source = new GridmapSource(option);
    sources.push(source);
    return source;
  };
  const replace = (text) => {
    fs.writeFileSync(`${file}.tmp`, text);
    fs.renameSync(`${file}.tmp`, file);
  };

  test('is read anew', async () => {
    const source = open({ file, refresh: 3_600_000 });
    expect(source.find('/CN=a').users).toEqual(['ada']);
    replace('"/CN=a" bob\n');
    await source.check();
    expect(source.find('/CN=a').users).toEqual(['bob']);
    expect(source.stats()).toMatchObject({ failedReloads: 0, lastError: null });
  });

  test('stays as it was while there is a broken one', async () => {
    const source = open(file);
    await source.check();
    replace('"/CN=a" ..\n');
    await source.check();
    expect(source.find('/CN=a').users).toEqual(['ada']);
    expect(source.stats()).toMatchObject({ failedReloads: 1, lastError: { code: 'ERR_CLIENT_CERT_MALFORMED', line: 1, path: file } });
    fs.rmSync(file);
    await source.check();
    expect(source.find('/CN=a').users).toEqual(['ada']);
    expect(source.stats().lastError).toMatchObject({ code: 'ERR_CLIENT_CERT_UNREADABLE' });
    replace('"/CN=b" bob\n');
    await source.check();
    expect(source.find('/CN=a')).toBeUndefined();
    expect(source.stats().lastError).toBeNull();
  });

  test('is noticed without being asked for', async () => {
    const source = open({ file, refresh: 5 });
    replace('"/CN=a" bob\n');
    while (source.find('/CN=a').users[0] !== 'bob') await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('is read once', async () => {
    const source = open({ file, refresh: false });
    replace('"/CN=a" bob\n');
    await source.check();
    expect(source.find('/CN=a').users).toEqual(['ada']);
  });

  test('text, in place of a file', () => expect(open({ text: '"/CN=a" ada' }).find('/CN=a').users).toEqual(['ada']));

  test('throws where it cannot be had', () => {
    expect(error(() => open(path.join(directory, 'nope')))).toMatchObject({ code: 'ERR_CLIENT_CERT_UNREADABLE' });
    fs.writeFileSync(file, '"/CN=a');
    expect(error(() => open(file))).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED', line: 1, path: file });
    fs.truncateSync(file, 8 * 1024 * 1024 + 1);
    expect(error(() => open(file))).toMatchObject({ code: 'ERR_CLIENT_CERT_UNREADABLE' });
  });

  test.each([
    [{ fle: 'x' }, /'file'/], [{}, /file/], [{ file: '' }, /file/], [{ text: 'x', file: 'y' }, /text/], [{ text: 7 }, /text/], [7, /object/],
    [{ file: 'x', refresh: '5' }, /refresh/], [{ file: 'x', refresh: -1 }, /refresh/],
  ])('%j is refused', (option, message) => expect(() => open(option)).toThrow(message));
});
