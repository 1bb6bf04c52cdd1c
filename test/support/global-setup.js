'use strict';

const { canMakeAccounts, makeAccounts } = require('./accounts.js');

module.exports = async () => {
  if (canMakeAccounts) makeAccounts();
};
