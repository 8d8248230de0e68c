// Key combinations, as keyboards of the world press them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document ??= { documentElement: { dataset: {}, lang: 'en' } };
const { combinationOf, keysAreTyped, showKeys } = await import('../../frontend/src/keys.js');

const pressed = (key, more = {}) => combinationOf({ key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test('a combination names its keys in one order', () => {
  assert.equal(pressed('k', { ctrlKey: true }), 'Mod+K');
  assert.equal(pressed('O', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+O');
  assert.equal(pressed('ArrowDown', { altKey: true }), 'Alt+ArrowDown');
  assert.equal(pressed('Enter', { shiftKey: true }), 'Shift+Enter');
});

test('a sign that Shift makes is the sign alone', () => {
  assert.equal(pressed('?', { shiftKey: true }), '?');
  assert.equal(pressed('/'), '/');
});

test('other alphabets press by the place of the key', () => {
  assert.equal(pressed('л', { code: 'KeyK', ctrlKey: true }), 'Mod+K');
  assert.equal(pressed('˚', { code: 'KeyK', altKey: true }), 'Alt+K');
});

test('a modifier alone, and what belongs to the desktop, is nothing', () => {
  assert.equal(pressed('Shift', { shiftKey: true }), '');
  assert.equal(pressed('Dead'), '');
  assert.equal(pressed('k', { metaKey: true }), '');
});

test('plus and space have names, since signs of their own would be lost between pluses', () => {
  assert.equal(pressed('+', { ctrlKey: true }), 'Mod+Plus');
  assert.equal(pressed(' ', { ctrlKey: true }), 'Mod+Space');
});

test('what writes is no shortcut in a text field', () => {
  for (const keys of ['?', 'A', 'Shift+Enter', 'Backspace']) assert.equal(keysAreTyped(keys), true, keys);
  for (const keys of ['Mod+K', 'F2', 'Alt+ArrowDown', 'Ctrl+A']) assert.equal(keysAreTyped(keys), false, keys);
});

test('people read the names they know', () => {
  assert.equal(showKeys('Mod+Shift+O'), 'Ctrl Shift O');
  assert.equal(showKeys('Alt+ArrowUp'), 'Alt ↑');
  assert.equal(showKeys(''), '');
});
