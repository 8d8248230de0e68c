// What a message can be told beside its text: how each value is written, read and compared.
import { t } from '../i18n.js';

// The server's bounds: apps/chat/options.py.
const MOST_STOPS = 16;
const MAX_STOP_LENGTH = 200;
const MAX_SYSTEM_LENGTH = 100_000;
const MAX_SCHEMA_LENGTH = 200_000;

const numeric = (min, max, { isWhole = false } = {}) => ({ kind: 'number', min, max, isWhole });

export const PARAMETERS = {
  system: { kind: 'text' },
  temperature: numeric(0, 5),
  top_p: numeric(0, 1),
  top_k: numeric(1, 1000, { isWhole: true }),
  max_tokens: numeric(1, 1_000_000, { isWhole: true }),
  seed: numeric(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, { isWhole: true }),
  stop: { kind: 'lines' },
  think: { kind: 'choice' },
  format: { kind: 'schema' },
};

/** This will read what was typed: `{ value }`, where undefined means the model's own, or `{ problem }`. */
export function parseParameter(name, written) {
  const text = written.replaceAll('\r\n', '\n');
  if (!text.trim()) return { value: undefined };
  return PARSERS[PARAMETERS[name].kind](text, PARAMETERS[name]);
}

const PARSERS = {
  text: (text) => (text.length > MAX_SYSTEM_LENGTH ? { problem: t('At most 100,000 characters.') } : { value: text.trim() }),
  choice: (text) => ({ value: text === 'on' }),
  number: parseNumber,
  lines: parseLines,
  schema: parseSchema,
};

function parseNumber(text, { min, max, isWhole }) {
  // A comma is how much of the world writes a decimal point.
  const value = Number(text.trim().replace(',', '.'));
  if (!Number.isFinite(value)) return { problem: t('Write a number.') };
  if (isWhole && !Number.isSafeInteger(value)) return { problem: t('Write a whole number.') };
  if (value < min || value > max) return { problem: t('From {min} to {max}.', { min, max }) };
  return { value };
}

function parseLines(text) {
  const value = text.split('\n').filter((line) => line !== '').map(unescapeLine);
  if (value.length > MOST_STOPS) return { problem: t('At most {n} sequences.', { n: MOST_STOPS }) };
  if (value.some((line) => line.length > MAX_STOP_LENGTH)) return { problem: t('At most {n} characters each.', { n: MAX_STOP_LENGTH }) };
  return { value };
}

function parseSchema(text) {
  if (text.length > MAX_SCHEMA_LENGTH) return { problem: t('The schema is too long.') };
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: t('Not JSON yet: {reason}', { reason: whereInJson(text, error) }) };
  }
  if (!value || typeof value !== 'object' || Array.isArray(value)) return { problem: t('A schema is a JSON object: {"type": "object", …}') };
  return { value };
}

/** Engines tell the place in different words; line and column are what a person can go to. */
function whereInJson(text, error) {
  const at = /position (\d+)/.exec(error.message);
  if (!at) return error.message;
  const before = text.slice(0, Number(at[1])).split('\n');
  return t('line {line}, column {column}', { line: before.length, column: before.at(-1).length + 1 });
}

/** This will write a value as its field shows it. */
export function writeParameter(name, value) {
  if (value === undefined || value === null) return '';
  const { kind } = PARAMETERS[name];
  if (kind === 'lines') return value.map(escapeLine).join('\n');
  if (kind === 'schema') return JSON.stringify(value, null, 2);
  if (kind === 'choice') return value ? 'on' : 'off';
  return String(value);
}

const escapeLine = (line) => line.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
const unescapeLine = (line) => line.replace(/\\([\\nt])/g, (_, sign) => ({ '\\': '\\', n: '\n', t: '\t' })[sign]);

/** This will keep only known options that say something. */
export function knownOptions(options) {
  const known = Object.entries(options ?? {}).filter(([name, value]) => name in PARAMETERS && isSaid(value));
  return Object.fromEntries(known);
}

function isSaid(value) {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && !value.length);
}

/** This will tell whether two sets of options say the same, in whatever order. */
export function sameOptions(one, other) {
  return written(one) === written(other);
}

function written(options) {
  const known = knownOptions(options);
  return JSON.stringify(Object.keys(known).sort().map((name) => [name, known[name]]));
}
