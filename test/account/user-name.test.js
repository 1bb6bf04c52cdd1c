'use strict';

const { isUserName } = require('../../lib/account/user-name.js');

test.each([
  'a', 'ada', 'Ada', 'ada.lovelace', 'ada-l', 'ada_l', '_ada', 'ada$', 'ada@corp.example', 'CORP\\ada', 'corp+ada', '1ada', 'élan', '...', 'a'.repeat(256),
])('%s is the name of a user', (name) => expect(isUserName(name)).toBe(true));

test.each([
  '', '.', '..', '/', 'a/b', '../a', 'a\0', '\0', '-a', '+a', '~a', '0', '1000', 'a b', ' a', 'a\n', 'a\t', 'a:b', 'a\u007f', 'a\u00a0', 'a\u2028', 'a\u200b',
  'a\u202eb', '\ud800', 'a'.repeat(257), 'é'.repeat(129), 'a'.repeat(1e6), 7, null, undefined, ['a'],
])('%p is none', (name) => expect(isUserName(name)).toBe(false));
