// @ts-check
'use strict';
// Which socket a handshake belongs to, while it is under way and nothing else names it. Node.js reads a SecureContext's `context` right before it wraps
// a connection; what it wraps it in is told to async_hooks, and knows its socket soon after.

const { createHook } = require('node:async_hooks');
const tls = require('node:tls');

const { native } = require('../native.js');

/** @typedef {import('node:tls').TLSSocket} TLSSocket */
/** @typedef {object} Handle of Node.js, whose owner is the socket */

/** @typedef {{ handle: WeakRef<Handle>, connection: any }} Entry */
/** @typedef {{ native: import('../../binding.js').NativeChooser }} Chooser */

/** @type {Map<number, Entry>} by the number of the connection in the addon */
const connections = new Map();
/** @type {{ number: number, chooser: Chooser, connection: unknown } | null} that the next handle is for */
let expected = null;
/** @type {FinalizationRegistry<number>} */
const ended = new FinalizationRegistry((number) => connections.delete(number));

const hook = createHook({
  init(_id, type, _trigger, handle) {
    if (type !== 'TLSWRAP' || expected === null) return;
    const { number, chooser, connection } = expected;
    // The SSL is made next.
    native.expectConnection(number, chooser.native);
    connections.set(number, { handle: new WeakRef(handle), connection });
    ended.register(handle, number);
    disarm();
  },
});

function disarm() {
  expected = null;
  hook.disable();
}

/**
 * The connection that is made next, in this very turn, has this.
 *
 * @param {Chooser} chooser
 * @param {unknown} connection
 */
function expectConnection(chooser, connection) {
  if (expected === null) queueMicrotask(disarm);
  expected = { number: native.newConnectionNumber(), chooser, connection };
  hook.enable();
}

/** @param {Handle} handle @returns {TLSSocket | null} Node.js keeps it under a symbol that is not public */
function ownerOf(handle) {
  for (const symbol of Object.getOwnPropertySymbols(handle)) {
    const owner = symbol.description === 'owner_symbol' ? /** @type {any} */ (handle)[symbol] : null;
    if (owner instanceof tls.TLSSocket) return owner;
  }
  return null;
}

/** @param {number} number @returns {{ socket: TLSSocket, handle: any, connection: any } | null} null: it is gone */
function connectionOf(number) {
  const { handle: reference, connection } = connections.get(number) ?? {};
  const handle = reference?.deref();
  const socket = handle && ownerOf(handle);
  return socket && !socket.destroyed ? { socket, handle, connection } : null;
}

module.exports = { connectionOf, expectConnection };
