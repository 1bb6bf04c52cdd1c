// @ts-check
'use strict';
// Reading is written once, as a generator that asks for one operation on files after the other and is given its result. A constructor has it
// done at once, a reload off the event loop.

const fs = require('node:fs');
const { promisify } = require('node:util');

/**
 * @typedef {'open' | 'fstat' | 'stat' | 'read' | 'close' | 'readdir'} Operation
 * @typedef {[operation: Operation, ...parameters: any[]]} Request
 * @typedef {fs.BigIntStats} Stats
 */
/**
 * @template T
 * @typedef {Generator<Request, T, any>} Steps
 */

// Never waits: opening a FIFO that nobody writes to would, for ever. Never makes a terminal the process's own.
const OPEN_FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;

/** @type {Record<Operation, (...parameters: any[]) => unknown>} */
const atOnce = {
  open: (path) => fs.openSync(path, OPEN_FLAGS),
  fstat: (file) => fs.fstatSync(file, { bigint: true }),
  stat: (path) => fs.statSync(path, { bigint: true }),
  read: (file, octets, offset, length) => fs.readSync(file, octets, offset, length, null),
  close: (file) => fs.closeSync(file),
  readdir: (path) => fs.readdirSync(path),
};

const callbacks = {
  open: promisify(fs.open),
  fstat: promisify(fs.fstat),
  stat: promisify(fs.stat),
  read: promisify(fs.read),
  close: promisify(fs.close),
  readdir: promisify(fs.readdir),
};

/** @type {Record<Operation, (...parameters: any[]) => Promise<unknown>>} */
const later = {
  open: (path) => callbacks.open(path, OPEN_FLAGS),
  fstat: (file) => callbacks.fstat(file, { bigint: true }),
  stat: (path) => callbacks.stat(path, { bigint: true }),
  read: async (file, octets, offset, length) => (await callbacks.read(file, octets, offset, length, null)).bytesRead,
  close: (file) => callbacks.close(file),
  readdir: (path) => callbacks.readdir(path),
};

/** @template T @param {Steps<T>} steps @returns {T} */
function runAtOnce(steps) {
  let step = steps.next();
  while (!step.done) {
    const [operation, ...parameters] = step.value;
    let result;
    try {
      result = atOnce[operation](...parameters);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

/**
 * @template T
 * @param {Steps<T>} steps
 * @param {AbortSignal} [signal] ends it before the next operation; what is open is closed
 * @returns {Promise<T>} rejects with what the steps throw, or with the reason of `signal`
 */
async function runLater(steps, signal) {
  try {
    let step = steps.next();
    while (!step.done) {
      const [operation, ...parameters] = step.value;
      let result;
      try {
        if (operation !== 'close') signal?.throwIfAborted();
        result = await later[operation](...parameters);
      } catch (error) {
        step = steps.throw(error);
        continue;
      }
      step = steps.next(result);
    }
    return step.value;
  } catch (error) {
    // The steps may have made another error of it.
    signal?.throwIfAborted();
    throw error;
  }
}

module.exports = { runAtOnce, runLater };
