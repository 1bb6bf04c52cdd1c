// @ts-check
'use strict';

const { native } = require('./native.js');

const number = new Uint32Array(native.connectionChanges());

/** Grows when a watched connection of this thread begins a further handshake, or gets a certificate. @returns {number} */
const connectionChanges = () => number[0];

module.exports = { connectionChanges };
