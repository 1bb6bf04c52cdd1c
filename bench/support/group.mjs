// One group of measurements, argv[2], in a process of its own. Sends what was found.

import { Report } from './measure.mjs';

const [group] = process.argv.slice(2);
const report = new Report();
report.group = group;
const { default: run } = await import(`../groups/${group}.mjs`);
await run(report);
const { tables, goals, plots } = report;
process.send({ tables, goals, plots }, () => process.exit());
