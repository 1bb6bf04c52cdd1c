// @ts-check
'use strict';
// Work in libuv's threads takes turns. Where a thousand verifications are wanted at once, whoever reads a file would come after all of them, and
// their results would come in heaps, each of which holds up the event loop.

const os = require('node:os');

// As libuv has it.
const THREADS = Number(process.env.UV_THREADPOOL_SIZE) || 4;
// One more than can run, so that no core waits for the event loop to hand out the next; one thread is left to files and names.
const AT_ONCE = Math.max(1, Math.min(os.availableParallelism() + 1, THREADS - 1));

let running = 0;
/** The longest waiting first. @type {Set<() => void>} */
const waiting = new Set();

/** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function inTurn(work) {
  if (running < AT_ONCE) running += 1;
  else await /** @type {Promise<void>} */ (new Promise((resolve) => waiting.add(resolve)));
  try {
    return await work();
  } finally {
    const [next] = waiting;
    if (next) {
      waiting.delete(next);
      next();
    } else {
      running -= 1;
    }
  }
}

module.exports = { inTurn };
