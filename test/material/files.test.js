'use strict';
// Files and directories that change while they are read: what comes out was there at one moment, or nothing does.

const fs = require('node:fs');
const path = require('node:path');

const { lookAtDirectory, lookAtFile, readDirectory, readFile } = require('../../lib/material/files.js');
const { runAtOnce, runLater } = require('../../lib/material/steps.js');
const { mountVolume, newFolder, removeFolders, replace, untilSettled, write } = require('./folder.js');

afterAll(removeFolders);

/**
 * The same steps, and whatever happens between them.
 *
 * @param {Generator} steps
 * @param {string} operation before which something happens
 * @param {(time: number) => void} happen is told how often it came to that
 */
function* meanwhile(steps, operation, happen) {
  let times = 0;
  let step = steps.next();
  while (!step.done) {
    if (step.value[0] === operation) happen(++times);
    let result;
    try {
      result = yield step.value;
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

const drivers = [['at once', async (steps) => runAtOnce(steps)], ['later', (steps) => runLater(steps)]];

const once = (happen) => (time) => time === 1 && happen();

describe.each(drivers)('a file that is read %s', (_when, run) => {
  /** @param {string} operation @param {(file: string, time: number) => void} happen @param {string} [content] */
  async function read(operation, happen, content = 'before') {
    const file = path.join(newFolder(), 'file');
    fs.writeFileSync(file, content);
    const { files } = await run(meanwhile(readFile(file), operation, (time) => happen(file, time)));
    return files[0].octets.toString();
  }

  test.each([
    ['is replaced before it is opened', 'open', (file) => replace(file, 'after'), 'after'],
    ['is replaced once it is open', 'fstat', (file) => replace(file, 'after'), 'before'],
    ['is removed once it is open', 'fstat', (file) => fs.unlinkSync(file), 'before'],
    ['is written to', 'read', (file) => fs.writeFileSync(file, 'later'), 'later'],
    ['grows', 'read', (file) => fs.appendFileSync(file, ' and after'), 'before and after'],
    ['shrinks', 'read', (file) => fs.truncateSync(file, 3), 'bef'],
    ['is written to at its end', 'close', (file) => fs.writeFileSync(file, 'later'), 'before'],
  ])('and %s', async (_what, operation, happen, expected) => {
    expect(await read(operation, (file, time) => time === 1 && happen(file))).toBe(expected);
  });

  test('and changes each time, cannot be read', async () => {
    let times = 0;
    const reading = read('read', (file) => fs.appendFileSync(file, String(++times)));
    await expect(reading).rejects.toThrow(/^it changes while it is read$/);
    // Each time: what is there, and what is beyond it.
    expect(times).toBeGreaterThanOrEqual(3);
    expect(times).toBeLessThanOrEqual(6);
  });

  test('and whose size is not told cannot be read', async () => {
    await expect(run(readFile('/proc/self/status'))).rejects.toThrow(/^it changes while it is read$/);
  });
});

describe.each(drivers)('a directory that is read %s', (_when, run) => {
  const names = ({ files }) => files.map(({ name, octets }) => `${name}=${octets}`).join(' ');

  test.each([
    ['a file is added', 'open', (folder) => write(folder, { c: '3' }), 'a=1 b=2 c=3'],
    ['a file is removed', 'open', (folder) => fs.unlinkSync(path.join(folder, 'b')), 'a=1'],
    ['a file is removed after it was listed', 'stat', (folder) => fs.unlinkSync(path.join(folder, 'a')), 'b=2'],
    ['a file is renamed', 'open', (folder) => fs.renameSync(path.join(folder, 'a'), path.join(folder, 'z')), 'b=2 z=1'],
    ['a file is replaced', 'open', (folder) => replace(path.join(folder, 'b'), 'new'), 'a=1 b=new'],
    ['a file is written to', 'read', (folder) => fs.appendFileSync(path.join(folder, 'a'), '1'), 'a=11 b=2'],
    ['a file comes and goes', 'open', (folder) => {
      write(folder, { c: '3' });
      fs.unlinkSync(path.join(folder, 'c'));
    }, 'a=1 b=2'],
  ])('%s meanwhile', async (_what, operation, happen, expected) => {
    const folder = newFolder();
    write(folder, { a: '1', b: '2' });
    expect(names(await run(meanwhile(readDirectory(folder), operation, once(() => happen(folder)))))).toBe(expected);
  });

  test('a volume is exchanged between two of its files', async () => {
    const folder = newFolder();
    mountVolume(folder, { a: 'old', b: 'old' });
    const exchange = (time) => time === 2 && mountVolume(folder, { a: 'new', b: 'new' });
    expect(names(await run(meanwhile(readDirectory(folder), 'open', exchange)))).toBe('a=new b=new');
  });

  test('it vanishes meanwhile', async () => {
    const folder = path.join(newFolder(), 'certs');
    write(folder, { a: '1', b: '2' });
    const vanish = once(() => fs.rmSync(folder, { recursive: true }));
    await expect(run(meanwhile(readDirectory(folder), 'open', vanish))).rejects.toThrow(/ENOENT/);
  });

  test('it changes each time', async () => {
    const folder = newFolder();
    write(folder, { a: '1' });
    const change = (time) => write(folder, { [`b${time}`]: '' });
    await expect(run(meanwhile(readDirectory(folder), 'open', change))).rejects.toThrow(/^it changes while it is read$/);
  });

  test('it has more files than anybody has', async () => {
    const folder = newFolder();
    for (let i = 0; i <= 10_000; i++) fs.closeSync(fs.openSync(path.join(folder, `${i}`), 'w'));
    await expect(run(readDirectory(folder))).rejects.toThrow(/^it has 10001 files, and may have 10000$/);
    await expect(run(lookAtDirectory(folder))).rejects.toThrow(/10001 files/);
  });
});

describe('what it looks like', () => {
  /** @type {[string, (folder: string) => void, boolean][]} what happens, and whether it is a change */
  const events = [
    ['nothing', () => {}, false],
    ['it is read', (folder) => fs.readFileSync(path.join(folder, 'a')), false],
    ['it is replaced by the same content', (folder) => replace(path.join(folder, 'a'), '1'), true],
    ['it is written to, as long as before', (folder) => fs.writeFileSync(path.join(folder, 'a'), '2'), true],
    ['it is written to, and its time is set back', (folder) => {
      const { atime, mtime } = fs.statSync(path.join(folder, 'a'));
      fs.writeFileSync(path.join(folder, 'a'), '2');
      fs.utimesSync(path.join(folder, 'a'), atime, mtime);
    }, true],
  ];
  const ofDirectory = [
    ...events,
    ['a file is added', (folder) => write(folder, { b: '2' }), true],
    ['a file is removed', (folder) => fs.unlinkSync(path.join(folder, 'a')), true],
    ['a file is renamed', (folder) => fs.renameSync(path.join(folder, 'a'), path.join(folder, 'b')), true],
    ['a hidden file is added', (folder) => write(folder, { '.b': '2' }), false],
    ['what an editor leaves', (folder) => write(folder, { 'b~': '2', 'b.tmp': '3' }), false],
    ['a directory is added', (folder) => fs.mkdirSync(path.join(folder, 'b')), false],
  ];

  /** @param {(folder: string) => Generator} look @param {(folder: string) => void} happen */
  async function isChanged(look, happen) {
    const folder = newFolder();
    write(folder, { a: '1' });
    await untilSettled(path.join(folder, 'a'));
    const before = runAtOnce(look(folder));
    expect(before.settled).toBeLessThanOrEqual(Date.now());
    expect(runAtOnce(look(folder))).toEqual(before);
    happen(folder);
    return runAtOnce(look(folder)).fingerprint !== before.fingerprint;
  }

  test.each(events)('of a file: %s', async (_what, happen, expected) => {
    expect(await isChanged((folder) => lookAtFile(path.join(folder, 'a')), happen)).toBe(expected);
  });

  test.each(ofDirectory)('of a directory: %s', async (_what, happen, expected) => {
    expect(await isChanged(lookAtDirectory, happen)).toBe(expected);
  });

  test('is what was read', () => {
    const folder = newFolder();
    write(folder, { a: '1', b: '2' });
    const file = path.join(folder, 'a');
    expect(runAtOnce(readFile(file)).look).toEqual(runAtOnce(lookAtFile(file)));
    expect(runAtOnce(readDirectory(folder)).look).toEqual(runAtOnce(lookAtDirectory(folder)));
  });

  test('is not settled while another change could get the same time', () => {
    const file = path.join(newFolder(), 'a');
    fs.writeFileSync(file, '1');
    const { settled } = runAtOnce(lookAtFile(file));
    expect(settled - fs.statSync(file).ctimeMs).toBeGreaterThanOrEqual(20);
  });
});
