// How late the event loop is while many verifications are under way.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { intermediate, leaves, library, root } from '../support/inputs.mjs';
import { differenceOf, measured } from '../support/measure.mjs';

/** @param {() => Promise<unknown>} work @returns {Promise<number>} milliseconds */
async function delayDuring(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6;
}

/** @param {import('../support/measure.mjs').Report} report */
export default async function eventLoop(report) {
  const points = [];
  const idles = [];
  for (let round = 0; round < 9; round += 1) idles.push(await delayDuring(() => sleep(300)));
  const idle = measured(idles);
  let last;
  for (const count of [10, 100, 300, 1000]) {
    const delays = [];
    for (let round = 0; round < 9; round += 1) {
      const many = leaves(count);
      const verifier = new library.Verifier({ ca: root.pem, intermediates: intermediate.pem });
      await sleep(50);
      delays.push(await delayDuring(async () => {
        const verdicts = await Promise.all(many.map((leaf) => verifier.verifyAsync(leaf)));
        if (!verdicts.every(({ valid }) => valid)) throw new Error('not valid');
      }));
    }
    last = differenceOf(measured(delays), idle, 1);
    points.push([count, Math.max(0, last.ratio)]);
  }
  console.log(`\nevent-loop delay, 99th percentile, more than idle (${idle.median.toFixed(2)} ms)`);
  console.table(points.map(([count, delay]) => ({ 'at once': count, ms: Number(delay.toFixed(2)) })));
  report.atMost('1,000 verifyAsync at once: event-loop delay', 'idle, 99th percentile', last, 5, { unit: 'ms more' });
  report.plot({ title: 'concurrent-verifications', x: 'at once', y: 'ms', lines: [{ name: 'event-loop delay more than idle, 99th percentile', points }] });
}
