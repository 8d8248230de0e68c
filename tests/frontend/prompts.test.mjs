// Prompts are found by a few letters and filled as the server fills them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledPrompt, fuzzyScore, rankByFit } from '../../frontend/src/chat/prompt-values.js';

const names = (items) => items.map(({ name }) => name);
const PROMPTS = [
  { name: 'summary', title: 'Summarize a text' },
  { name: 'release-notes', title: 'Notes of a release' },
  { name: 'sql', title: 'A query, explained' },
];

test('a prompt is found by the beginning of its name before a word of its title', () => {
  assert.deepEqual(names(rankByFit(PROMPTS, 's')), ['summary', 'sql', 'release-notes']);
  assert.deepEqual(names(rankByFit(PROMPTS, 'rel')), ['release-notes']);
  assert.deepEqual(names(rankByFit(PROMPTS, 'query')), ['sql']);
});

test('the first letters of words find it; letters by chance do not', () => {
  assert.deepEqual(names(rankByFit(PROMPTS, 'rn')), ['release-notes']);
  assert.equal(fuzzyScore('xyz', 'summary'), null);
  assert.equal(fuzzyScore('uay', 'summary'), null);
});

test('nothing typed lists everything in order', () => {
  assert.deepEqual(names(rankByFit(PROMPTS, '')), names(PROMPTS));
});

test('names of every script are found', () => {
  assert.deepEqual(names(rankByFit([{ name: 'x', title: 'Übersetzung' }, { name: 'y', title: '翻訳する' }], '翻訳')), ['y']);
  assert.deepEqual(names(rankByFit([{ name: 'x', title: 'Übersetzung' }], 'über')), ['x']);
});

test('values are put in once, and what has none keeps its mark', () => {
  assert.equal(filledPrompt('Dear {{ name }}, {{Größe}} {{missing}}', { name: '{{Größe}}', Größe: 3 }), 'Dear {{Größe}}, 3 {{missing}}');
  assert.equal(filledPrompt('{{a b}} {{1}} { {a} }', { a: 'no' }), '{{a b}} {{1}} { {a} }');
});

test('a million braces take one pass', () => {
  const started = process.hrtime.bigint();

  filledPrompt('{{'.repeat(500_000), {});

  assert.ok(Number(process.hrtime.bigint() - started) < 5e9);
});
