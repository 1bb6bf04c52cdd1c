'use strict';

const { canMakeAccounts, removeAccounts } = require('./accounts.js');

module.exports = async () => {
  if (canMakeAccounts) removeAccounts();
};
