// Parameters are read as people write them, refused in words, and written back the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document ??= { documentElement: { lang: 'en' } };
const { PARAMETERS, knownOptions, parseParameter, sameOptions, writeParameter } = await import('../../frontend/src/chat/parameter-values.js');

test('an empty field means the model’s own', () => {
  for (const name of Object.keys(PARAMETERS)) assert.deepEqual(parseParameter(name, ' \n'), { value: undefined });
});

test('numbers are read with a point or a comma, within their bounds', () => {
  assert.deepEqual(parseParameter('temperature', '0,7'), { value: 0.7 });
  assert.deepEqual(parseParameter('seed', '-12'), { value: -12 });
  for (const [name, written] of [['temperature', '6'], ['temperature', '-0.1'], ['top_p', '1.01'], ['top_k', '0'], ['top_k', '1.5'], ['max_tokens', 'many'], ['seed', '9007199254740993'], ['top_k', 'Infinity']]) {
    assert.ok(parseParameter(name, written).problem, `${name} ${written}`);
  }
});

test('stop sequences are lines; a line break inside of one is written as \\n', () => {
  const { value } = parseParameter('stop', 'END\n\\n\\n\nC:\\\\new\n');

  assert.deepEqual(value, ['END', '\n\n', 'C:\\new']);
  assert.deepEqual(parseParameter('stop', writeParameter('stop', value)).value, value);
});

test('too many or too long stop sequences are refused', () => {
  assert.ok(parseParameter('stop', 'a\n'.repeat(17)).problem);
  assert.ok(parseParameter('stop', 'a'.repeat(201)).problem);
});

test('a schema is checked as it is typed, and the place of the mistake told', () => {
  assert.deepEqual(parseParameter('format', '{"type": "object"}').value, { type: 'object' });
  assert.match(parseParameter('format', '{\n  "type": object\n}').problem, /Not JSON yet/);
  for (const written of ['[]', '"text"', '7', 'null']) assert.match(parseParameter('format', written).problem, /JSON object/);
});

test('thinking is on, off, or the model’s own', () => {
  assert.deepEqual(parseParameter('think', 'on'), { value: true });
  assert.deepEqual(parseParameter('think', 'off'), { value: false });
  assert.equal(writeParameter('think', false), 'off');
});

test('options are the same in whatever order, and what says nothing does not count', () => {
  assert.ok(sameOptions({ seed: 1, top_k: 2, stop: [], system: '' }, { top_k: 2, seed: 1, unknown: 5 }));
  assert.ok(!sameOptions({ think: false }, {}));
  assert.ok(!sameOptions({ seed: 1 }, { seed: 2 }));
  assert.deepEqual(knownOptions(null), {});
});
