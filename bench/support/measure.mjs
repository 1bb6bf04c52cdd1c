// Medians and their spread by tinybench, and the comparisons that are made of them.

import { Bench } from 'tinybench';

/** @typedef {{ name: string, median: number, spread: number, remark?: string }} Row nanoseconds, unless somebody says otherwise */
/** @typedef {{ ratio: number, spread: number }} Ratio the spread is that of both that were compared, added */
/** @typedef {{ group: string, what: string, against: string, remark: string, ratio: number, spread: number, goal: string, unit: string, met: boolean }} Goal */

const TURNS = 5;

// To read the clock takes as long as the shortest functions do: those are called so often for one reading that it does not count.
const READING = { microseconds: 25, calls: 1000 };

/** How often to call a task for each reading of the clock. @param {() => unknown} task @returns {number} */
function callsFor(task) {
  const rough = [];
  for (let i = 0; i < 20; i += 1) {
    const before = performance.now();
    const result = task();
    rough.push((performance.now() - before) * 1000);
    if (typeof (/** @type {any} */ (result)?.then) === 'function') return 1;
  }
  return Math.max(1, Math.min(READING.calls, Math.ceil(READING.microseconds / Math.max(medianOf(rough), 0.01))));
}

/** What was returned last, so that no call can be left out. */
export let last;

/** @param {() => unknown} task @param {number} calls @returns {() => unknown} */
function repeated(task, calls) {
  if (calls === 1) return task;
  return () => {
    for (let left = calls; left > 0; left -= 1) last = task();
  };
}

/** @param {number[]} values */
export function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The median of how far each is from the median. @param {number[]} values */
export function spreadOf(values) {
  const median = medianOf(values);
  return medianOf(values.map((value) => Math.abs(value - median)));
}

/** @typedef {{ median: number, spread: number }} Measured */
/** @param {Measured} of @param {Measured} to @returns {Ratio} */
export function ratioOf(of, to) {
  const ratio = of.median / to.median;
  return { ratio, spread: ratio * (of.spread / of.median + to.spread / to.median) };
}

/** @param {Measured} of @param {Measured} to @param {number} unit @returns {Ratio} how much more */
export function differenceOf(of, to, unit) {
  return { ratio: (of.median - to.median) / unit, spread: (of.spread + to.spread) / unit };
}

/** @param {number[]} values @returns {Measured} */
export const measured = (values) => ({ median: medianOf(values), spread: spreadOf(values) });

export class Report {
  group = '';
  /** @type {Array<{ title: string, rows: Row[] }>} */ tables = [];
  /** @type {Goal[]} */ goals = [];
  /** @type {Array<{ title: string, x: string, y: string, logarithmic?: boolean, lines: Array<{ name: string, points: Array<[number, number]> }> }>} */ plots = [];

  /** @param {string} title @param {Row[]} rows the first is what the others are compared with @param {{ unit?: string, scale?: number }} [shown] how many of the rows' make one */
  table(title, rows, { unit = 'us', scale = 1000 } = {}) {
    this.tables.push({ title, unit, rows: rows.map(({ median, spread, ...row }) => ({ ...row, median: median / scale, spread: spread / scale })) });
    console.log(`\n${title}`);
    console.table(
      Object.fromEntries(
        rows.map(({ name, median, spread, remark }) => [
          name,
          {
            [`median, ${unit}`]: Number((median / scale).toFixed(2)),
            [`spread, ${unit}`]: Number((spread / scale).toFixed(2)),
            'times the first': Number((median / rows[0].median).toFixed(2)),
            remark: remark ?? '',
          },
        ]),
      ),
    );
    return Object.fromEntries(rows.map((row) => [row.name, row]));
  }

  /**
   * @param {string} title
   * @param {Array<[name: string, task: () => unknown, remark?: string]>} tasks
   * @param {{ time?: number, warmup?: number }} [options] milliseconds for each
   * @returns {Promise<Record<string, Row>>}
   */
  async compare(title, tasks, { time = 700, warmup = 300 } = {}) {
    // All take turns several times: the machine is not always as fast.
    const latencies = tasks.map(() => []);
    const calls = tasks.map(([, task]) => callsFor(task));
    for (let turn = 0; turn < TURNS; turn += 1) {
      const bench = new Bench({ time: time / TURNS, warmupTime: warmup / TURNS });
      for (const [i, [name, task]] of tasks.entries()) bench.add(name, repeated(task, calls[i]));
      await bench.run();
      for (const [i, { name, result }] of bench.tasks.entries()) {
        if (result.state !== 'completed') throw result.error ?? new Error(`${name}: ${result.state}`);
        latencies[i].push((result.latency.p50 * 1e6) / calls[i]);
      }
    }
    return this.table(title, tasks.map(([name, , remark], i) => ({ name, ...measured(latencies[i]), remark })));
  }

  /** @param {string} what @param {string} against @param {Ratio} found @param {number} limit @param {{ unit?: string, remark?: string }} [options] */
  atLeast(what, against, found, limit, options) {
    this.#goal(what, against, found, `at least ${limit}`, found.ratio >= limit, options);
  }

  /** @param {string} what @param {string} against @param {Ratio} found @param {number} limit @param {{ unit?: string, remark?: string }} [options] */
  atMost(what, against, found, limit, options) {
    this.#goal(what, against, found, `at most ${limit}`, found.ratio <= limit, options);
  }

  #goal(what, against, { ratio, spread }, goal, met, { unit = 'times', remark = '' } = {}) {
    this.goals.push({ group: this.group, what, against, remark, ratio, spread, goal, unit, met });
  }

  /** @param {Report['plots'][number]} plot */
  plot(plot) {
    this.plots.push(plot);
  }

  printGoals() {
    console.log('\nGoals');
    console.table(
      this.goals.map(({ what, against, goal, unit, ratio, spread, met }) => ({
        what, against, goal: `${goal} ${unit}`, measured: Number(ratio.toPrecision(3)), spread: Number(spread.toPrecision(2)), met: met ? 'yes' : 'NO',
      })),
    );
  }
}
