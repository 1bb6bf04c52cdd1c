// @ts-check
'use strict';
// Which addresses belong to the public Internet. Whoever has a certificate issued may get a URL of his own into it: without this, he could have the
// server send requests into its own network.

const { BlockList, isIP, isIPv4, isIPv6 } = require('node:net');

/** @param {'ipv4' | 'ipv6'} family @param {string[]} networks */
function listOf(family, networks) {
  const list = new BlockList();
  for (const network of networks) {
    const [address, prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

// What IANA's IPv4 Special-Purpose Address Registry (RFC 6890) does not call globally reachable, and what is no unicast address.
const NOT_PUBLIC_IPV4 = listOf('ipv4', [
  '0.0.0.0/8', // this network (RFC 791)
  '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', // private (RFC 1918)
  '100.64.0.0/10', // shared by carriers (RFC 6598)
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // a public address that means the host of a virtual machine in Azure
  '169.254.0.0/16', // link-local (RFC 3927), and where clouds answer questions about credentials
  '192.0.0.0/24', // protocol assignments (RFC 6890)
  '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', // documentation (RFC 5737)
  '192.88.99.0/24', // 6to4 relays (RFC 7526)
  '198.18.0.0/15', // benchmarking (RFC 2544)
  '224.0.0.0/4', '240.0.0.0/4', // multicast, reserved, broadcast
]);

// Global unicast is 2000::/3 (RFC 4291 section 2.4): loopback, IPv4-compatible, unique-local, link-local and multicast addresses lie outside.
const GLOBAL_IPV6 = listOf('ipv6', ['2000::/3']);
const NOT_PUBLIC_IPV6 = listOf('ipv6', [
  '2001::/23', // protocol assignments: Teredo, benchmarking, ORCHID (RFC 2928)
  '2001:db8::/32', '3fff::/20', // documentation (RFC 3849, RFC 9637)
  '2002::/16', // 6to4, which holds an IPv4 address; no longer in use (RFC 7526)
]);

const NAT64 = listOf('ipv6', ['64:ff9b::/96']); // RFC 6052. The other one, 64:ff9b:1::/48, is for local use (RFC 8215): not public.
const IPV4_MAPPED = listOf('ipv6', ['::ffff:0:0/96']); // RFC 4291 section 2.5.5.2

/** @param {string} address IPv6 @returns {string} its one canonical form (RFC 5952), without the dotted quad that may end an address */
const canonicalIPv6 = (address) => new URL(`http://[${address}]`).hostname.slice(1, -1);

/** @param {string} address canonical IPv6 @returns {string} the IPv4 address in its last 32 bits */
function embeddedIPv4(address) {
  const [left, right = ''] = address.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const [high, low] = [...before, ...zeros, ...after].slice(-2).map((group) => parseInt(group, 16));
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/**
 * @param {unknown} address
 * @returns {string | null} one form for all ways to write an address, an IPv4-mapped one as IPv4; null where it is none, or has a zone
 */
function comparableAddress(address) {
  if (typeof address !== 'string' || isIP(address) === 0 || address.includes('%')) return null;
  if (isIPv4(address)) return address;
  const canonical = canonicalIPv6(address);
  return IPV4_MAPPED.check(canonical, 'ipv6') ? embeddedIPv4(canonical) : canonical;
}

/** @param {string} address of comparableAddress */
function isPublicAddress(address) {
  if (isIPv4(address)) return !NOT_PUBLIC_IPV4.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  // On networks that have IPv6 only, this is how public IPv4 hosts are reached.
  if (NAT64.check(address, 'ipv6')) return isPublicAddress(embeddedIPv4(address));
  return GLOBAL_IPV6.check(address, 'ipv6') && !NOT_PUBLIC_IPV6.check(address, 'ipv6');
}

module.exports = { comparableAddress, isPublicAddress };
