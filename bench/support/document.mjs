// Puts what was measured into docs/performance.md: what stands between two marks there is written anew, the rest is left.

import fs from 'node:fs';
import path from 'node:path';

import { svgOf } from './svg.mjs';

/** @param {number} value */
const short = (value) => Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false });

/** @param {string[]} head @param {Array<Array<string | number>>} rows */
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** @param {import('./measure.mjs').Report} report */
function goalsOf({ goals }) {
  return table(
    ['what', 'against', 'required', 'measured', 'spread', 'met', 'remark'],
    goals.map(({ what, against, goal, unit, ratio, spread, met, remark }) => [
      what, against, `${goal} ${unit}`, short(ratio), short(spread), met ? 'yes' : '**no**', remark,
    ]),
  );
}

/** @param {import('./measure.mjs').Report} report */
function breakdownOf({ tables }) {
  const parts = tables.filter(({ title, unit }) => unit === 'thousand instructions' && title.endsWith('where they go'));
  return parts
    .map(({ title, rows }) => {
      const all = rows[0].median;
      const shown = rows.map(({ name, median }) => [name.replace(/^ +/, '- '), short(median), `${Math.round((median / all) * 100)} %`]);
      return `**${title.replace(': where they go', '')}**\n\n${table(['part', 'thousand instructions', 'of all'], shown)}`;
    })
    .join('\n\n');
}

/** @param {import('./measure.mjs').Report} report @param {string} of which table */
function microsecondsOf({ tables }, of) {
  const { rows } = tables.find(({ title }) => title === of);
  return table([of, 'microseconds', 'spread'], rows.map(({ name, median, spread }) => [name, short(median), short(spread)]));
}

/**
 * @param {import('./measure.mjs').Report} report of all groups
 * @param {Record<string, string | number>} environment
 * @param {string} folder docs
 */
export function document(report, environment, folder) {
  const file = path.join(folder, 'performance.md');
  const { node, openssl, cpu, cpus, kernel, date } = environment;
  const written = {
    machine: `Node.js ${node} (OpenSSL ${openssl}), ${cpus} × ${cpu}, Linux ${kernel}, ${date}, by \`npm run bench -- --document\`:`,
    goals: goalsOf(report),
    breakdown: breakdownOf(report),
    requests: microsecondsOf(report, 'a request within Express'),
    plots: report.plots.map(({ title }) => `![${title.replaceAll('-', ' ')}](performance/${title}.svg)`).join('\n'),
  };
  let text = fs.readFileSync(file, 'utf8');
  for (const [name, content] of Object.entries(written)) {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${name}`);
    text = `${text.slice(0, from + begin.length)}${content}\n${text.slice(to)}`;
  }
  fs.writeFileSync(file, text);
  fs.mkdirSync(path.join(folder, 'performance'), { recursive: true });
  for (const plot of report.plots) fs.writeFileSync(path.join(folder, 'performance', `${plot.title}.svg`), svgOf(plot));
}
