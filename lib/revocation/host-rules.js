// @ts-check
'use strict';
// Which hosts may be asked: the option `hosts`, and what holds without it.

const { BlockList, isIP, isIPv4, isIPv6 } = require('node:net');

const { comparableAddress, isPublicAddress } = require('./addresses.js');
const { FetchFailure } = require('./fetch-failure.js');

/** @typedef {import('./target.js').Target} Target */
/** @typedef {{ port: number | null, names?: (host: string) => boolean, holds?: (address: string) => boolean, isWildcard?: boolean }} Rule */

const HTTP_PORT = 80;
const NAME = /^(\*\.)?([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?$/;

/** @param {string} address @param {string} prefix @returns {((address: string) => boolean) | null} */
function network(address, prefix) {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (isIP(address) === 0 || !/^[0-9]{1,3}$/.test(prefix) || Number(prefix) > (family === 'ipv4' ? 32 : 128)) return null;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family);
  return (candidate) => (isIPv4(candidate) ? 'ipv4' : 'ipv6') === family && list.check(candidate, family);
}

/**
 * @param {unknown} entry 'crl.example.com', '*.example.com', '192.0.2.1', '[2001:db8::1]', each also with ':port', or '10.0.0.0/8'
 * @returns {Rule | null} null where it is none of these
 */
function ruleOf(entry) {
  if (typeof entry !== 'string' || entry.length > 300) return null;
  const text = entry.toLowerCase();
  const [, base, prefix] = /^\[?([0-9a-f:.]+)\]?\/([0-9]+)$/.exec(text) ?? [];
  if (base !== undefined) {
    const holds = network(base, prefix);
    return holds && { port: null, holds };
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|(.*?))(?::([0-9]{1,5}))?$/.exec(isIPv6(text) ? `[${text}]` : text) ?? [];
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65535)) return null;
  const rule = { port: port === undefined ? null : Number(port) };
  const address = isIPv6(bracketed ?? '') || isIPv4(plain ?? '') ? comparableAddress(bracketed ?? plain) : null;
  if (address !== null) return { ...rule, holds: (candidate) => candidate === address };
  const [, wildcard, name] = NAME.exec(plain ?? '') ?? [];
  // A name that ends in a number is an address that somebody mistyped.
  if (name === undefined || name.length > 253 || /(^|\.)[0-9]+$/.test(name)) return null;
  if (wildcard) return { ...rule, names: (host) => host.endsWith(`.${name}`), isWildcard: true };
  return { ...rule, names: (host) => host === name };
}

/**
 * - Without a list: every host, which the caller has from a certificate of a verified path, on port 80, at public addresses only.
 * - With a list: what is in it. An entry with a port covers that port, one without covers all: whoever lists a host trusts it.
 * - An address that is not public is used where it is listed itself, or the very name is. A wildcard does not do: those who can add a name below it
 *   may be many.
 */
class HostRules {
  /** @type {Rule[]} */
  #listed;
  #hasList;

  /**
   * @param {readonly string[]} [hosts]
   * @param {Target} [responder] that the options name, and so list
   * @throws {TypeError} for an entry that is not understood
   */
  constructor(hosts, responder) {
    this.#hasList = hosts !== undefined;
    this.#listed = (hosts ?? []).map((entry) => {
      const rule = ruleOf(entry);
      if (rule === null) throw new TypeError(`hosts: ${JSON.stringify(entry)} is not 'name', '*.name', 'address' or 'network/bits'`);
      return rule;
    });
    if (responder) {
      const { host, port } = responder;
      const address = comparableAddress(host);
      this.#listed.push(address === null ? { port, names: (name) => name === host } : { port, holds: (candidate) => candidate === address });
    }
  }

  /** @param {Target} target @returns {Rule[]} */
  #rulesFor({ host, port }) {
    return this.#listed.filter((rule) => (rule.port === null || rule.port === port) && (!rule.names || rule.names(host)));
  }

  /**
   * Asked before the name is resolved: others need not learn what will not be asked for anyway.
   *
   * @param {Target} target
   * @throws {FetchFailure} refused-host
   */
  checkHost(target) {
    if (this.#rulesFor(target).length > 0 || (!this.#hasList && target.port === HTTP_PORT)) return;
    throw new FetchFailure('refused-host', this.#hasList ? 'not listed' : `port ${target.port} of a host that is not listed`);
  }

  /**
   * @param {Target} target that checkHost let pass
   * @param {string} address of comparableAddress
   * @throws {FetchFailure} refused-address
   */
  checkAddress(target, address) {
    const rules = this.#rulesFor(target);
    const isListed = rules.some((rule) => (rule.holds ? rule.holds(address) : !rule.isWildcard));
    if (isListed) return;
    const mayBePublic = rules.some((rule) => rule.isWildcard) || (!this.#hasList && target.port === HTTP_PORT);
    if (mayBePublic && isPublicAddress(address)) return;
    throw new FetchFailure('refused-address', `${address} is not public, and not listed`, 'host');
  }
}

module.exports = { HostRules };
