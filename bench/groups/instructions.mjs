// How many instructions the native half takes, which does not depend on what else the machine does, and which parts take them: by callgrind.

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import '../support/peers.mjs';

const OURS = '*client_cert_binding*Verify*Napi::CallbackInfo*';
const THEIRS = '*anonymous*Verify(napi_env*';

/** @type {Array<{ title: string, kinds: Array<{ name: string, which: string, toggle: string, times: number }> }>} */
const COMPARED = [
  {
    title: 'a new leaf under a known intermediate and root',
    kinds: [
      { name: 'verify', which: 'verify-new', toggle: OURS, times: 50 },
      { name: 'd2i_X509, X509_verify_cert', which: 'verify-openssl', toggle: THEIRS, times: 50 },
      { name: 'verify, a known leaf', which: 'verify-known', toggle: '*client_cert_binding*Recall*Napi::CallbackInfo*', times: 500 },
    ],
  },
  {
    title: 'a new leaf right under a root',
    kinds: [
      { name: 'verify', which: 'verify-root', toggle: OURS, times: 50 },
      { name: 'd2i_X509, X509_verify_cert', which: 'verify-root-openssl', toggle: THEIRS, times: 50 },
    ],
  },
  {
    title: 'reading a certificate',
    kinds: [
      { name: 'Certificate::Parse', which: 'decode', toggle: 'client_cert::Certificate::Parse(*', times: 200 },
      { name: 'd2i_X509', which: 'decode-openssl', toggle: '*anonymous*ReadOne(napi_env*', times: 200 },
    ],
  },
  {
    title: 'a CRL of 10,000 entries, loaded to its first answer',
    kinds: [
      { name: 'Crl', which: 'crl', toggle: '*anonymous*LoadOurCrl(napi_env*', times: 5 },
      { name: 'd2i_X509_CRL, X509_CRL_get0_by_serial', which: 'crl-openssl', toggle: '*anonymous*LoadTheirCrl(napi_env*', times: 5 },
    ],
  },
];

/** What a verification is made of, by the functions that have it. What is indented is part of what it follows. */
const PARTS = [
  ['reading the leaf: d2i_X509', /:d2i_X509 \[/],
  ['  of it: choosing a decoder for its public key', /:OSSL_DECODER_CTX_new_for_pkey \[/],
  ['X509_verify_cert', /:X509_verify_cert \[/],
  ['  of it: the signature', /:EVP_DigestVerify \[/],
  ['the strict decoder', /:client_cert::Certificate::Parse\(/],
  ['digests', /:client_cert::MakeDigest\(/],
  ['extensions, as OpenSSL reads them', /:X509_check_purpose \[/],
  ['what is told to JavaScript', /:client_cert_binding::OutcomeValue\(/],
];

/** @returns {{ perTime: number, parts: Array<[string, number]> }} */
function count({ which, toggle, times }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-bench-'));
  const file = path.join(folder, 'callgrind');
  try {
    const script = new URL('../support/counted.mjs', import.meta.url).pathname;
    const options = ['--tool=callgrind', `--callgrind-out-file=${file}`, '--collect-atstart=no', `--toggle-collect=${toggle}`, '--smc-check=all-non-file'];
    const { status, stderr } = spawnSync('valgrind', [...options, process.execPath, '--jitless', script, which, String(times)], { encoding: 'utf8' });
    const collected = /Collected : (\d+)/.exec(stderr);
    if (status !== 0 || collected === null || collected[1] === '0') throw new Error(stderr);
    const annotated = execFileSync('callgrind_annotate', ['--inclusive=yes', '--threshold=100', file], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const linesOf = annotated.split('\n');
    const parts = PARTS.map(([name, pattern]) => {
      const line = linesOf.find((candidate) => pattern.test(candidate));
      return /** @type {[string, number]} */ ([name, line ? Number(line.trim().split(' ')[0].replaceAll(',', '')) / times : 0]);
    });
    return { perTime: Number(collected[1]) / times, parts };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function instructions(report) {
  if (spawnSync('valgrind', ['--version']).status !== 0) {
    console.log('\ninstructions: valgrind is needed');
    return;
  }
  for (const { title, kinds } of COMPARED) {
    const counted = kinds.map((kind) => ({ ...kind, ...count(kind) }));
    const shown = { unit: 'thousand instructions', scale: 1000 };
    report.table(`${title}: instructions`, counted.map(({ name, perTime }) => ({ name, median: perTime, spread: 0 })), shown);
    for (const { name, which, perTime, parts } of counted) {
      if (!which.startsWith('verify-new') && !which.startsWith('verify-openssl') && !which.startsWith('verify-root')) continue;
      const rows = [['all', perTime], ...parts.filter(([, number]) => number > 0)];
      report.table(`${title}, ${name}: where they go`, rows.map(([part, number]) => ({ name: part, median: number, spread: 0 })), shown);
    }
  }
}
