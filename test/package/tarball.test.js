'use strict';
// What users get: the packed tarball, installed into an empty project, where there is no compiler.

const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const tls = require('node:tls');

const esbuild = require('esbuild');

const { nodeLines } = require('../../scripts/node-lines.js');
const { needs, oldGlibc, prebuild } = require('../../scripts/prebuild.js');
const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');
const { installInto, listFiles, pack } = require('../support/packed.js');
const { Authority } = require('../support/pki.js');

const root = path.join(__dirname, '../..');
const run = promisify(execFile);
const MINUTES = 60_000;

const authority = new Authority('Client CA');
const server = authority.issueServer(['localhost']);
const ada = authority.issue({ subject: { O: 'Example', CN: 'Ada' } });

const commonJs = fs.readFileSync(path.join(root, 'README.md'), 'utf8').match(/<!-- example: tls\.js -->\n```js\n(.*?)```/s)[1];
const esm = commonJs.replace(/^const (.+) = require\((.+)\);$/gm, 'import $1 from $2;');
// What the types cannot know: that it listens on a port, and that what is valid could be decoded.
const typescript = `import type { AddressInfo } from 'node:net';\n${esm}`
  .replace('server.address().port', '(server.address() as AddressInfo).port')
  .replace('info.certificate.subject', 'info.certificate?.subject');

let folder;
let binaries;
let tarball;
let project;
let child;

/** Programs that installing needs, and no compiler. @param {string} bin is made @returns {NodeJS.ProcessEnv} */
function withoutCompiler(bin) {
  fs.mkdirSync(bin);
  const sh = ['/bin/sh', '/usr/bin/sh'].find((file) => fs.existsSync(file));
  const programs = { sh, node: process.execPath, npm: fs.realpathSync(findProgram('npm')), env: findProgram('env') };
  for (const [name, file] of Object.entries(programs)) fs.symlinkSync(file, path.join(bin, name));
  return { ...process.env, PATH: bin };
}

/** @param {string} name */
function findProgram(name) {
  return process.env.PATH.split(path.delimiter).map((part) => path.join(part, name)).find((file) => fs.existsSync(file));
}

/** @param {string} file of the project @returns {Promise<string>} what the server of the README says to Ada */
async function greetingOf(file) {
  child = spawn(process.execPath, [file], { cwd: project, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const socket = tls.connect({ port: Number(line.match(/port (\d+)/)[1]), host: '127.0.0.1', rejectUnauthorized: false, ...ada });
  let heard = '';
  for await (const chunk of socket.setEncoding('utf8')) heard += chunk;
  return heard;
}

/** @param {string} name @param {string} text */
const write = (name, text) => fs.writeFileSync(path.join(project, name), text);

beforeAll(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-tarball-')));
  binaries = path.join(folder, 'binaries');
  prebuild(binaries);
  tarball = pack(folder, binaries);
  project = path.join(folder, 'project');
  installInto(project, ['--ignore-scripts', tarball], withoutCompiler(path.join(folder, 'bin')));
  for (const [name, text] of [['server-key.pem', server.key], ['server.pem', server.cert], ['client-ca.pem', authority.pem]]) write(name, text);
}, 20 * MINUTES);
afterAll(() => fs.rmSync(folder, { recursive: true }));
afterEach(async () => {
  child?.kill();
  if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
});

test('it holds what users need, and nothing else', () => {
  const installed = path.join(project, 'node_modules/client-cert-info');
  expect(fs.readdirSync(installed).sort()).toEqual([
    'CHANGELOG.md', 'CMakeLists.txt', 'LICENSE', 'README.md', 'SECURITY.md', 'binding.d.ts', 'cmake', 'docs', 'lib', 'package.json', 'prebuilds', 'scripts', 'src',
  ]);
  expect(fs.readdirSync(path.join(installed, 'prebuilds')).sort()).toEqual(['linux-x64-glibc-launcher', 'linux-x64-glibc.node']);
  expect(fs.readdirSync(path.join(installed, 'scripts')).sort()).toEqual(['install.js', 'native-build.js']);
  expect(listFiles(installed).filter((file) => !/^(lib|src)\/.*\.(js|mjs|d\.ts|d\.mts|h|cc|def)$|^(docs|cmake)\/[\w-]+\.(md|cmake)$|^scripts\/|^prebuilds\/|^[\w.]+$/.test(file))).toEqual([]);
});

test('the binary needs glibc 2.28 or older, and no library but those of the C library', () => {
  for (const file of fs.readdirSync(binaries)) {
    const { libraries, glibc } = needs(path.join(binaries, file));
    expect(libraries.filter((name) => !/^(libc|libpthread|libdl|libm|ld-linux-x86-64)\.so\.\d$/.test(name))).toEqual([]);
    expect(glibc).toContain('2.2.5');
    expect(glibc.map((version) => Number(version.split('.')[1])).filter((minor) => minor > 28)).toEqual([]);
  }
});

describe("the README's example", () => {
  test.each([['CommonJS', 'example.cjs', commonJs], ['ESM', 'example.mjs', esm]])('as %s', async (_kind, name, text) => {
    write(name, text);
    expect(await greetingOf(name)).toBe('hello CN=Ada,O=Example\n');
  });

  test.each(['mts', 'cts'])('as TypeScript (%s)', async (kind) => {
    write(`example.${kind}`, typescript);
    const compilerOptions = {
      strict: true, module: 'node16', target: 'es2022', esModuleInterop: true, types: ['node'], typeRoots: [path.join(root, 'node_modules/@types')], skipLibCheck: false,
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: [`example.${kind}`] }));
    await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], { cwd: project });
    const compiled = kind === 'mts' ? 'example.mjs' : 'example.cjs';
    expect(fs.readFileSync(path.join(project, compiled), 'utf8')).not.toContain('AddressInfo');
    expect(await greetingOf(compiled)).toBe('hello CN=Ada,O=Example\n');
  });

  test.each([
    ['the addon external', { external: ['*.node'] }],
    ['the package external', { external: ['client-cert-info'] }],
    ['as ESM', { format: 'esm', external: ['*.node'], banner: { js: "import { createRequire } from 'node:module'; import { fileURLToPath } from 'node:url'; const require = createRequire(import.meta.url); const __dirname = fileURLToPath(new URL('.', import.meta.url));" } }],
  ])('bundled by esbuild, %s', async (_title, options) => {
    write('example.cjs', commonJs);
    const outfile = path.join(project, 'dist', options.format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
    const { warnings } = await esbuild.build({
      entryPoints: [path.join(project, 'example.cjs')], bundle: true, platform: 'node', target: 'node20', outfile, logLevel: 'silent', ...options,
    });
    expect(warnings).toEqual([]);
    expect(await greetingOf(outfile)).toBe('hello CN=Ada,O=Example\n');
  });
});

describe('a bundle without the package', () => {
  let apart;
  beforeAll(async () => {
    apart = path.join(folder, 'apart');
    const entry = "try { console.log(typeof require('client-cert-info').getClientCertInfo) } catch ({ code, message }) { console.log(code, message) }";
    write('entry.cjs', entry);
    await esbuild.build({ entryPoints: [path.join(project, 'entry.cjs')], bundle: true, platform: 'node', outfile: path.join(apart, 'bundle.cjs') });
  });
  const said = async () => (await run(process.execPath, ['bundle.cjs'], { cwd: apart })).stdout.trim();

  test('says what it lacks', async () => {
    expect(await said()).toMatch(/^ERR_CLIENT_CERT_UNSUPPORTED_RUNTIME .*neither a folder "prebuilds" beside it nor the package/);
  });

  test('takes the folder "prebuilds" that is put beside it', async () => {
    fs.cpSync(binaries, path.join(apart, 'prebuilds'), { recursive: true });
    expect(await said()).toBe('function');
  });
});

test('the same file loads on every line', async () => {
  const script = "console.log(process.versions.node, typeof require('client-cert-info').getClientCertInfo)";
  for (const { version, executable } of nodeLines()) {
    expect((await run(executable, ['-e', script], { cwd: project })).stdout.trim()).toBe(`${version} function`);
  }
}, 5 * MINUTES);

test('it loads on Debian 11', async () => {
  const libraries = ['lib', 'usr/lib'].map((part) => path.join(oldGlibc, part, 'x86_64-linux-gnu'));
  const [{ executable }] = nodeLines();
  const script = "process.report.getReport().header.glibcVersionRuntime + ' ' + typeof require('client-cert-info').getClientCertInfo";
  const { stdout } = await run(path.join(libraries[0], 'ld-linux-x86-64.so.2'), ['--library-path', libraries.join(':'), executable, '-p', script], { cwd: project });
  expect(stdout.trim()).toBe('2.31 function');
});

describe('with its install script', () => {
  test('nothing is built where the binary loads', () => {
    const scripted = path.join(folder, 'scripted');
    installInto(scripted, [tarball], { ...process.env, PATH: path.join(folder, 'bin') });
    expect(fs.existsSync(path.join(scripted, 'node_modules/client-cert-info/build'))).toBe(false);
  }, 2 * MINUTES);

  test('one is built where it does not, and its failure is told', async () => {
    const broken = path.join(folder, 'broken');
    fs.mkdirSync(broken);
    for (const name of fs.readdirSync(binaries)) fs.writeFileSync(path.join(broken, name), 'for another C library');
    const place = path.join(folder, 'elsewhere');
    fs.mkdirSync(place);
    installInto(path.join(place, 'project'), ['--ignore-scripts', pack(place, broken)]);
    const installed = path.join(place, 'project/node_modules/client-cert-info');
    const loading = run(process.execPath, ['-p', "require('client-cert-info')"], { cwd: path.join(place, 'project') });
    await expect(loading).rejects.toMatchObject({ stderr: expect.stringMatching(/could not be loaded: .*"npm rebuild client-cert-info" builds one for this system/) });
    const installing = run(process.execPath, ['scripts/install.js'], { cwd: installed, env: { ...process.env, PATH: path.join(folder, 'bin') } });
    await expect(installing).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/does not load here \(.*\); building one/),
      stderr: expect.stringMatching(/could not be built\. It needs a C\+\+20 compiler/),
    });
  }, 2 * MINUTES);
});

describeAsRoot('with accounts', () => {
  test('the launcher of the tarball starts programs', async () => {
    const script = `require('client-cert-info').AccessToken.forAccount(${JSON.stringify(ACCOUNTS.alice.name)}).then((token) => {
      token.spawn('id', ['-un'], { stdio: ['ignore', 'inherit', 'inherit'] });
    });`;
    fs.chmodSync(folder, 0o755);
    expect((await run(process.execPath, ['-e', script], { cwd: project })).stdout.trim()).toBe(ACCOUNTS.alice.name);
  });
});
