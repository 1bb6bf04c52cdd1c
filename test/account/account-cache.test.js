'use strict';

const { AccountCache } = require('../../lib/account/account-cache.js');
const { accounts } = require('./world.js');

function cacheOf(ttl, changes) {
  const { find, calls } = accounts(changes);
  let time = 0;
  return { cache: new AccountCache({ find, ttl, now: () => time }), calls, at: (now) => (time = now) };
}

describe('accounts that were looked up a moment ago', () => {
  test('are believed for as long as was asked for', async () => {
    const { cache, calls, at } = cacheOf(100);
    await cache.find('ada');
    at(99);
    await cache.find('ada');
    expect(calls).toHaveLength(1);
    at(100);
    await cache.find('ada');
    expect(calls).toHaveLength(2);
    cache.clear();
    await cache.find('ada');
    expect(calls).toHaveLength(3);
  });

  test('are not kept at all', async () => {
    const { cache, calls } = cacheOf(0);
    await cache.find('ada');
    await cache.find('ada');
    expect(calls).toHaveLength(2);
  });

  test('that do not exist may exist soon', async () => {
    const { cache, calls, at } = cacheOf(60_000, { ada: null });
    expect(await cache.find('ada')).toBeNull();
    at(4999);
    await cache.find('ada');
    expect(calls).toHaveLength(1);
    at(5000);
    await cache.find('ada');
    expect(calls).toHaveLength(2);
  });

  test('share a lookup, but not with the next ones where it fails', async () => {
    const { cache, calls } = cacheOf(100, { ada: new Error('down') });
    const both = await Promise.allSettled([cache.find('ada'), cache.find('ada'), cache.find('bob')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(calls).toEqual(['ada', 'bob']);
    await expect(cache.find('ada')).rejects.toThrow('down');
    expect(calls).toEqual(['ada', 'bob', 'ada']);
  });

  test('a lookup that fails at once', async () => {
    let calls = 0;
    const find = () => {
      calls += 1;
      throw new Error('at once');
    };
    const cache = new AccountCache({ find, ttl: 100 });
    await expect(cache.find('ada')).rejects.toThrow('at once');
    await expect(cache.find('ada')).rejects.toThrow('at once');
    expect(calls).toBe(2);
  });

  test('are a thousand at most', async () => {
    const { cache, calls } = cacheOf(100);
    for (let i = 0; i <= 1000; i++) await cache.find(`user${i}`);
    calls.length = 0;
    await cache.find('user1000');
    await cache.find('user1');
    expect(calls).toEqual([]);
    await cache.find('user0');
    expect(calls).toEqual(['user0']);
  });
});
