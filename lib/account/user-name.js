// @ts-check
'use strict';
// Which texts may be asked for as the name of a user. Wide enough for names of directories ('CORP\alice', 'alice@corp.example'), too narrow for
// whatever is a path, a field of /etc/passwd or an option of a command.

// Linux takes no longer one anywhere (LOGIN_NAME_MAX, systemd's relaxed rule).
const MAX_OCTETS = 256;

// A number would be taken for a uid, '~' for a home directory, ':' for the end of the field.
const FORBIDDEN = /^[-+~]|^\.{1,2}$|^[0-9]+$|[/:\s\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{Noncharacter_Code_Point}]/u;

/** @param {unknown} name @returns {name is string} */
function isUserName(name) {
  if (typeof name !== 'string' || name === '' || name.length > MAX_OCTETS || Buffer.byteLength(name) > MAX_OCTETS) return false;
  return !FORBIDDEN.test(name);
}

/** @param {unknown} name that the owner of the mapper wrote @param {string} where @throws {TypeError} @returns {string} */
function checkedUserName(name, where) {
  if (!isUserName(name)) throw new TypeError(`${where} must be the name of a local user`);
  return name;
}

module.exports = { checkedUserName, isUserName };
