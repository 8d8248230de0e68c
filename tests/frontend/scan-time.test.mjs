// How long a scan of a network takes is told for what can be granted, and for nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document ??= { documentElement: { lang: 'en' } };
const { scanTime } = await import('../../frontend/src/scan-time.js');

const PACE = { perSecond: '20', usualPorts: '17', longest: '30' };
const MANY = Array.from({ length: 64 }, (_, number) => 20000 + number).join(', ');

test('a network takes its addresses times its ports', () => {
  assert.match(scanTime('192.168.1.0/24', '', PACE), /about 4 minutes/);
  assert.match(scanTime(' 192.168.1.7 ', '8000 8000', PACE), /at most a minute/);
  assert.match(scanTime('fd12::/118', '1 2 3', PACE), /about 3 minutes/);
});

test('one that takes longer than a scan may is told so', () => {
  assert.match(scanTime('10.0.0.0/22', MANY, PACE), /about 55 minutes.*ends after 30/);
});

test('nothing is told of what is no network or too wide a one', () => {
  for (const network of ['', '10.0.0.0/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', 'nas', 'fd00::/64', '/24', '10.0.0.0/-1']) {
    assert.equal(scanTime(network, '', PACE), '', network);
  }
});
