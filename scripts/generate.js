'use strict';
// Writes what the core's table of problems says into the files that repeat it for readers. With --check it only compares.

const fs = require('node:fs');
const path = require('node:path');

const { AuthStatus, AuthType, CertFlags, ContextAttribute, SecStatus, TrustStatus, problemKinds } = require('../lib/constants.js');

const root = path.join(__dirname, '..');
const kinds = [...problemKinds.values()];
const hex = (/** @type {number} */ number) => `0x${number.toString(16).toUpperCase().padStart(8, '0')}`;

/** @param {number} bits error bits */
function trustNames(bits) {
  // Information bits have the same numbers: the error bits come first in the table.
  const seen = new Set();
  return Object.entries(TrustStatus)
    .filter(([, bit]) => bit !== 0 && (bits & bit) !== 0 && !seen.has(bit) && seen.add(bit))
    .map(([name]) => `\`${name.replace('CERT_TRUST_', '')}\``);
}

function problemUnion() {
  return kinds.map(({ code }) => `  | '${code}'`).join('\n');
}

function problemTable() {
  const rows = kinds.map(
    ({ precedence, code, text, flagName, flag, errorStatus }) =>
      `| ${precedence} | \`${code}\` | ${text} | \`${flagName}\` ${hex(flag)} | ${trustNames(errorStatus).join(' ') || '-'} |`,
  );
  return ['| | problem code | what it says of a certificate | `certFlags` | CERT_TRUST bits |', '|---|---|---|---|---|', ...rows].join('\n');
}

function secStatusTable() {
  const rows = Object.entries(SecStatus).flatMap(([name, value]) => {
    const codes = kinds.filter(({ secStatus }) => secStatus === value).map(({ code }) => `\`${code}\``);
    return codes.length > 0 ? [`| ${codes.join(', ')} | \`${name}\` ${hex(value)} |`] : [];
  });
  return ['| gravest problem | secStatus |', '|---|---|', ...rows].join('\n');
}

/** Where our decoders and OpenSSL's differ, as the fuzz targets know it. */
function differenceTables() {
  const rows = fs.readFileSync(path.join(root, 'fuzz', 'support', 'differences.def'), 'utf8');
  const text = (/** @type {string} */ word) => word.replaceAll('|', '\\|');
  const refused = Array.from(rows.matchAll(/^DIFFERENCE\("(.*?)", "(.*?)", "(.*)"\)$/gm), ([, place, expected, reason]) => {
    if (place === '*') return `| what OpenSSL keeps as octets | anything | ${text(reason)} |`;
    return `| ${place || 'anywhere'} | ${text(expected)} | ${text(reason)} |`;
  });
  const accepted = Array.from(rows.matchAll(/^ACCEPTED(?:_WITHIN)?\("?(.*?)"?, "(.*)"\)$/gm), ([, reason, why]) => `| \`${reason}\` | ${text(why)} |`);
  const listed = rows.split('\n').filter((row) => /^[A-Z_]+\(/.test(row)).length;
  if (listed !== refused.length + accepted.length) throw new Error('fuzz/support/differences.def: each row is one line');
  return [
    ['| where | we want | why, where OpenSSL accepts something else |', '|---|---|---|', ...refused].join('\n'),
    ['| OpenSSL refuses with, or within | why we accept |', '|---|---|', ...accepted].join('\n'),
  ].join('\n\n');
}

function namedNumbers(/** @type {Readonly<Record<string, number>>} */ numbers) {
  return Object.entries(numbers).map(([name, number]) => `  readonly ${name}: ${hex(number)};`).join('\n');
}

const NUMBERS = 'lib/types/constants.d.ts';

/** @type {Array<{ file: string, begin: string, end: string, text: string }>} */
const parts = [
  { file: NUMBERS, begin: '  // generated: problem codes', end: '  // end of problem codes', text: problemUnion() },
  { file: NUMBERS, begin: '  // generated: CertFlags', end: '  // end of CertFlags', text: namedNumbers(CertFlags) },
  { file: NUMBERS, begin: '  // generated: TrustStatus', end: '  // end of TrustStatus', text: namedNumbers(TrustStatus) },
  ...Object.entries({ SecStatus, AuthStatus, AuthType, ContextAttribute }).map(([name, numbers]) => ({
    file: NUMBERS,
    begin: `  // generated: ${name}`,
    end: `  // end of ${name}`,
    text: namedNumbers(numbers),
  })),
  { file: 'docs/security-context.md', begin: '<!-- generated: secStatus -->', end: '<!-- end of secStatus -->', text: `\n${secStatusTable()}\n` },
  { file: 'docs/fuzzing.md', begin: '<!-- generated: differences -->', end: '<!-- end of differences -->', text: `\n${differenceTables()}\n` },
  { file: 'README.md', begin: '<!-- generated: problems -->', end: '<!-- end of problems -->', text: `\n${problemTable()}\n` },
];

const checking = process.argv.includes('--check');
for (const { file, begin, end, text } of parts) {
  const full = path.join(root, file);
  const before = fs.readFileSync(full, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} lacks "${begin}" or "${end}"`);
  const after = `${before.slice(0, from + begin.length)}\n${text}\n${before.slice(to)}`;
  if (after === before) continue;
  if (checking) {
    console.error(`${file}: the part "${begin}" is out of date; npm run generate writes it`);
    process.exitCode = 1;
  } else {
    fs.writeFileSync(full, after);
  }
}
