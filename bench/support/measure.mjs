// Medians and their spread by tinybench, and the comparisons that are made of them.

import { Bench } from 'tinybench';

/** @typedef {{ name: string, median: number, spread: number, remark?: string }} Row nanoseconds */
/** @typedef {{ what: string, against: string, ratio: number, goal: string, met: boolean }} Goal */

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

export class Report {
  /** @type {Array<{ title: string, rows: Row[] }>} */ tables = [];
  /** @type {Goal[]} */ goals = [];
  /** @type {Array<{ title: string, x: string, y: string, logarithmic?: boolean, lines: Array<{ name: string, points: Array<[number, number]> }> }>} */ plots = [];

  /** @param {string} title @param {Row[]} rows the first is what the others are compared with */
  table(title, rows) {
    this.tables.push({ title, rows });
    console.log(`\n${title}`);
    console.table(
      Object.fromEntries(
        rows.map(({ name, median, spread, remark }) => [
          name,
          {
            'median us': Number((median / 1000).toFixed(2)),
            'spread us': Number((spread / 1000).toFixed(2)),
            'times the first': Number((median / rows[0].median).toFixed(2)),
            remark: remark ?? '',
          },
        ]),
      ),
    );
    return Object.fromEntries(rows.map((row) => [row.name, row.median]));
  }

  /**
   * @param {string} title
   * @param {Array<[name: string, task: () => unknown, remark?: string]>} tasks
   * @param {{ time?: number, warmup?: number }} [options] milliseconds for each
   * @returns {Promise<Record<string, number>>} the medians in nanoseconds
   */
  async compare(title, tasks, { time = 700, warmup = 300 } = {}) {
    const bench = new Bench({ time, warmupTime: warmup });
    for (const [name, task] of tasks) bench.add(name, task);
    await bench.run();
    return this.table(
      title,
      bench.tasks.map(({ name, result }, i) => {
        if (result.state !== 'completed') throw result.error ?? new Error(`${name}: ${result.state}`);
        return { name, median: result.latency.p50 * 1e6, spread: result.latency.mad * 1e6, remark: tasks[i][2] };
      }),
    );
  }

  /** `ratio` should be `limit` or more. @param {string} what @param {string} against @param {number} ratio @param {number} limit @param {string} [unit] */
  atLeast(what, against, ratio, limit, unit = 'times') {
    this.goals.push({ what, against, ratio, goal: `at least ${limit} ${unit}`, met: ratio >= limit });
  }

  /** `ratio` should be `limit` or less. @param {string} what @param {string} against @param {number} ratio @param {number} limit @param {string} [unit] */
  atMost(what, against, ratio, limit, unit = 'times') {
    this.goals.push({ what, against, ratio, goal: `at most ${limit} ${unit}`, met: ratio <= limit });
  }

  /** @param {Report['plots'][number]} plot */
  plot(plot) {
    this.plots.push(plot);
  }

  printGoals() {
    console.log('\nGoals');
    console.table(this.goals.map(({ ratio, met, ...goal }) => ({ ...goal, measured: Number(ratio.toPrecision(3)), met: met ? 'yes' : 'NO' })));
  }
}
