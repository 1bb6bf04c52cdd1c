// @ts-check
'use strict';
// How much trust material there may be. What exceeds a limit is an error, never a part of it.

module.exports = Object.freeze({
  // The largest CRLs in use have tens of megabytes. A decoder of certificates and CRLs that is given more than this is given something else.
  MAX_FILE_OCTETS: 512 * 1024 * 1024,
  // Of one option: all of it is in memory at the same time.
  MAX_OCTETS: 1024 * 1024 * 1024,
  // Of one directory. Collections of the CAs of the whole world have some hundreds of files.
  MAX_FILES: 10_000,
  // Of one option. The bundles of browsers have about 150 certificates, a revocation service that puts every CA into one file some thousand.
  MAX_ITEMS: 100_000,
  // A file that changes while it is read is read again: so many times in all.
  MAX_ATTEMPTS: 3,
});
