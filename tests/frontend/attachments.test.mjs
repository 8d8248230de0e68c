// What cannot be attached is told before anything is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_FILES, isText, refusalOf, size } from '../../frontend/src/chat/attachment-limits.js';

const file = (content, type = '', name = 'file') => new File([content], name, { type });

test('images and any text may be attached, whatever they are called', async () => {
  assert.equal(await refusalOf(file('x', 'image/png')), null);
  assert.equal(await refusalOf(file('def f(): pass', '', 'f.py')), null);
  assert.equal(await refusalOf(file('größer, 大きい', 'application/octet-stream')), null);
  assert.equal(await refusalOf(file('<svg/>', 'image/svg+xml')), null);
  assert.equal(await refusalOf(file(new Uint8Array([0xff, 0xfe, 0x41, 0]), 'text/plain')), null);
});

test('what is no text is refused in words', async () => {
  assert.match(await refusalOf(file(new Uint8Array([0x25, 0x50, 0x44, 0x46, 0, 1]), 'application/pdf')), /Not readable/);
  assert.match(await refusalOf(file(new Uint8Array([0xff, 0xc0, 0x41]), 'text/plain')), /Not readable/);
  assert.match(await refusalOf(file('x', 'image/heic')), /Not readable/);
  assert.match(await refusalOf(file('x', 'audio/mpeg')), /Not readable/);
});

test('too large, empty and too many are refused', async () => {
  assert.match(await refusalOf(file('x'.repeat(2 * 1024 * 1024 + 1), 'text/plain')), /2 MB/);
  assert.match(await refusalOf(file(new Uint8Array(20 * 1024 * 1024 + 1), 'image/png')), /20 MB/);
  assert.match(await refusalOf(file('')), /empty/);
  assert.match(await refusalOf(file('x'), MAX_FILES), /20 files/);
});

test('a character cut in half where the look ends is no mistake', async () => {
  assert.equal(await isText(file('大'.repeat(30_000))), true);
});

test('sizes are written as people read them', () => {
  assert.deepEqual([5, 2048, 3.5 * 1024 * 1024].map(size), ['5 B', '2 KB', '3.5 MB']);
});
