// The functions of OpenSSL that JavaScript cannot reach, as bench/peers/peers.cc has them. Built where that is newer than the binary.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { build } = require('../../scripts/native-build.js');

if (!build(['--target', 'bench_peers', '-l', 'error'])) throw new Error('bench_peers cannot be built');

/**
 * @type {{
 *   store(cas: Buffer[]): object,
 *   verify(store: object, presented: Buffer[]): number,
 *   read(der: Buffer): number,
 *   signatures(path: Buffer[]): object,
 *   checkSignatures(signatures: object): number,
 *   loadTheirCrl(der: Buffer, serial: Buffer): { crl: object, milliseconds: number, octets: number, found: boolean },
 *   loadOurCrl(der: Buffer, serial: Buffer): { crl: object, milliseconds: number, octets: number, found: boolean },
 *   lookUpTheirs(crl: object, serials: Buffer[]): number,
 *   lookUpOurs(crl: object, serials: Buffer[]): number,
 *   rss(): number,
 * }}
 */
export const peers = require('../../build/Release/bench_peers.node');
