// Offsets are counted as the server counts them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codePointLength, withoutFirst } from '../../frontend/src/chat/codepoints.js';

const TEXTS = ['', 'plain', 'ä€', '🌿', 'a🌿b👩‍💻c', '𝒳'.repeat(40), 'lone \ud83c surrogate', '\udf3f low first', 'end \ud83c'];

test('a text is as long as it has code points', () => {
  for (const text of TEXTS) assert.equal(codePointLength(text), [...text].length, JSON.stringify(text));
});

test('leaving out the first code points never cuts a pair in two', () => {
  for (const text of TEXTS) {
    for (let count = 0; count <= [...text].length; count += 1) {
      assert.equal(withoutFirst(text, count), [...text].slice(count).join(''), JSON.stringify([text, count]));
    }
  }
});
