'use strict';
// Calls that cannot be interrupted: two at a time, so many wait, none for ever.

const { deferred } = require('../support/http.js');
const { Busy, Calls } = require('../../lib/negotiate/calls.js');

const never = () => {
  throw new Error('nothing came late');
};

test('so many at a time, in the order of their coming', async () => {
  const calls = new Calls({ atOnce: 2, maxWaiting: 10, timeout: 1_000_000 });
  const works = Array.from({ length: 4 }, deferred);
  const started = [];
  const results = works.map((work, index) => calls.run(() => started.push(index) && work.promise, never));
  expect([started, calls.running, calls.waiting]).toEqual([[0, 1], 2, 2]);
  works[1].resolve('b');
  expect(await results[1]).toBe('b');
  works[0].reject(new Error('a'));
  await expect(results[0]).rejects.toThrow('a');
  await new Promise(setImmediate);
  expect(started).toEqual([0, 1, 2, 3]);
  works[2].resolve('c');
  works[3].resolve('d');
  expect(await Promise.all(results.slice(2))).toEqual(['c', 'd']);
  await new Promise(setImmediate);
  expect([calls.running, calls.waiting]).toEqual([0, 0]);
});

test('what throws at once gives its place back, also when it has waited', async () => {
  const calls = new Calls({ atOnce: 1, maxWaiting: 10, timeout: 1_000_000 });
  const throws = () => {
    throw new TypeError('not a call');
  };
  const results = [calls.run(throws, never), calls.run(throws, never), calls.run(async () => 3, never)];
  const settled = await Promise.allSettled(results);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  await new Promise(setImmediate);
  expect([calls.running, calls.waiting]).toEqual([0, 0]);
});

test('one too many is busy', async () => {
  const calls = new Calls({ atOnce: 1, maxWaiting: 1, timeout: 1_000_000 });
  const work = deferred();
  const [first, second] = [calls.run(() => work.promise, never), calls.run(async () => 2, never)];
  await expect(calls.run(never, never)).rejects.toBeInstanceOf(Busy);
  work.resolve(1);
  expect(await Promise.all([first, second])).toEqual([1, 2]);
});

test('whoever waits too long is told so; a call under way keeps its place, and what it brings is discarded', async () => {
  const calls = new Calls({ atOnce: 1, maxWaiting: 10, timeout: 1 });
  const work = deferred();
  const late = [];
  const running = calls.run(() => work.promise, (value) => late.push(value));
  const waiting = calls.run(never, never);
  await expect(running).rejects.toBeInstanceOf(Busy);
  await expect(waiting).rejects.toBeInstanceOf(Busy);
  expect([calls.running, calls.waiting, late]).toEqual([1, 0, []]);
  work.resolve('late');
  await new Promise(setImmediate);
  expect([calls.running, late]).toEqual([0, ['late']]);
});
