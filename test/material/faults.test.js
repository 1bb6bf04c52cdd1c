'use strict';
// What files may become while they are in use, as the owner of a verifier or mapper sees it: nothing waits, what was in force goes on to decide, and what is put right is taken.

const { execFileSync } = require('node:child_process');
const { once, EventEmitter } = require('node:events');
const diagnosticsChannel = require('node:diagnostics_channel');
const fs = require('node:fs');
const path = require('node:path');

const { GridmapSource } = require('../../lib/account/gridmap-source.js');
const { Verifier } = require('../../lib/index.js');
const { Authority } = require('../support/pki.js');
const { newFolder, removeFolders, replace } = require('./folder.js');

const [root, other] = [new Authority('root'), new Authority('other')];
const [good, bad, ofOther] = [root.issue(), root.issue(), other.issue()];
const isValid = (verifier, { der }) => verifier.verify(der).valid;

/** @type {EventEmitter} whatever a verifier says of its sources */
let told;
const tell = (message) => told.emit(message.type, message);
/** @type {Array<() => void>} */
let closing;
beforeEach(() => {
  told = new EventEmitter();
  closing = [];
  diagnosticsChannel.subscribe('client-cert-info:revocation', tell);
});
afterEach(() => {
  diagnosticsChannel.unsubscribe('client-cert-info:revocation', tell);
  closing.forEach((close) => close());
});
afterAll(removeFolders);

/** @param {object} options @param {(verifier: any) => boolean[]} ask */
function verifierWith(options, ask) {
  const verifier = new Verifier({ ca: root.pem, ...options });
  closing.push(() => verifier.close());
  return { ask: () => ask(verifier), failed: () => once(told, 'sourceFailed'), reloaded: () => once(told, 'reloaded') };
}

/** A file by what it is for: what it holds at first and later, who opens it, and what is said at first and later. */
const kinds = {
  ca: {
    contents: [root.pem, root.pem + other.pem],
    open: (source) => verifierWith({ ca: source }, (verifier) => [isValid(verifier, good), isValid(verifier, ofOther)]),
    says: [[true, false], [true, true]],
  },
  crls: {
    contents: [root.crl([bad]), root.crl([bad, good])],
    open: (source) => verifierWith({ crls: source }, (verifier) => [isValid(verifier, good), isValid(verifier, bad)]),
    says: [[true, false], [false, false]],
  },
  distrusted: {
    contents: [bad.pem, bad.pem + good.pem],
    open: (source) => verifierWith({ distrusted: source }, (verifier) => [isValid(verifier, good), isValid(verifier, bad)]),
    says: [[true, false], [false, false]],
  },
  gridmap: {
    contents: ['"/CN=a" ada\n"/CN=b" bob\n', '"/CN=a" ada\n'],
    open: ({ file, refresh }) => {
      const source = new GridmapSource({ file, refresh });
      closing.push(() => source.close());
      // It tells nobody, and looks when it is told to.
      const until = async (count) => {
        const before = source.stats()[count];
        while (source.stats()[count] === before) await source.check();
      };
      return { ask: () => ['/CN=a', '/CN=b'].map((name) => source.find(name) !== undefined), failed: () => until('failedReloads'), reloaded: () => until('reloads') };
    },
    says: [[true, true], [true, false]],
  },
};

/** @param {string} file @param {() => void} make */
function instead(file, make) {
  fs.unlinkSync(file);
  make();
}

const faults = [
  ['cut off', (file) => fs.truncateSync(file, 20)],
  ['emptied', (file) => fs.truncateSync(file, 0), ['gridmap']], // where nobody stands is a gridmap, too
  ['replaced by garbage', (file) => replace(file, 'garbage')],
  ['removed', (file) => fs.unlinkSync(file)],
  ['a directory', (file) => instead(file, () => fs.mkdirSync(file))],
  ['a FIFO that nobody writes into', (file) => instead(file, () => execFileSync('mkfifo', [file]))],
  ['a device that never ends', (file) => instead(file, () => fs.symlinkSync('/dev/zero', file))],
  ['a link to itself', (file) => instead(file, () => fs.symlinkSync(file, file))],
];

const NOBODY = 65534;
const isRoot = process.geteuid() === 0;

/** Where a shared libuv may use io_uring, Node.js lets no process change who it is (CVE-2024-22017). */
function mayBeNobody() {
  try {
    process.seteuid(0);
    return true;
  } catch {
    process.stderr.write('\n*** SKIPPED *** the tests of files that may not be read: root may, and this Node.js stays root\n\n');
    return false;
  }
}

/** Root may read whatever there is. @param {string} folder that will be nobody's @param {() => Promise<void>} act */
async function asNobody(folder, act) {
  fs.chownSync(folder, NOBODY, NOBODY);
  process.seteuid(NOBODY);
  try {
    await act();
  } finally {
    process.seteuid(0);
  }
}

const testUnreadable = !isRoot || mayBeNobody() ? test : test.skip;

describe.each(Object.entries(kinds))('%s', (kind, { contents, open, says }) => {
  describe.each([['polled', 20], ['watched', 'watch']])('%s', (_how, refresh) => {
    /** @param {string} folder @param {(file: string) => void} spoil */
    async function spoilAndMend(folder, spoil) {
      const file = path.join(folder, 'file');
      fs.writeFileSync(file, contents[0]);
      const opened = open({ file, refresh });
      expect(opened.ask()).toEqual(says[0]);
      const failed = opened.failed();
      spoil(file);
      await failed;
      expect(opened.ask()).toEqual(says[0]);
      const reloaded = opened.reloaded();
      fs.rmSync(file, { recursive: true, force: true });
      replace(file, contents[1]);
      await reloaded;
      expect(opened.ask()).toEqual(says[1]);
    }

    test.each(faults.filter(([, , harmless = []]) => !harmless.includes(kind)))('%s', (_what, spoil) => spoilAndMend(newFolder(), spoil));

    testUnreadable('a file that may not be read', async () => {
      const folder = newFolder();
      const act = () => spoilAndMend(folder, (file) => fs.chmodSync(file, 0));
      await (isRoot ? asNobody(folder, act) : act());
    });
  });
});
