// Prompts of the library as the `/` menu needs them: found by a few letters, filled with values.

// The letters of one word together are nearly a hit of the whole.
const WORD_START = 8;
const NEXT_LETTER = 4;
// As the server reads them: apps/chat/engine/variables.py.
const PLACEHOLDER = /\{\{[ \t]{0,8}(\p{L}[\p{L}\p{N}_]{0,39})[ \t]{0,8}\}\}/gu;

/** This will score how well typed letters fit a text, or null if they do not: all of them, in order. */
export function fuzzyScore(letters, text) {
  const wanted = letters.toLowerCase();
  const within = text.toLowerCase();
  if (!wanted) return 0;
  const whole = within.indexOf(wanted);
  if (whole >= 0) return 100 - whole + (whole === 0 ? 50 : 0);
  let score = 0;
  let last = -1;
  for (const letter of wanted.replaceAll(' ', '')) {
    const isNext = last >= 0 && within[last + 1] === letter;
    last = isNext ? last + 1 : wordStart(within, letter, last + 1);
    if (last < 0) return null;
    score += isNext ? NEXT_LETTER : WORD_START;
  }
  return score;
}

/** Letters scattered inside of words are there by chance; those that begin one are meant. */
function wordStart(text, letter, from) {
  let at = text.indexOf(letter, from);
  while (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) at = text.indexOf(letter, at + 1);
  return at;
}

/** This will list the items whose name or title fits, the best first. */
export function rankByFit(items, letters) {
  return items
    .map((item) => ({ item, score: Math.max(fuzzyScore(letters, item.name) ?? -1, fuzzyScore(letters, item.title ?? '') ?? -1) }))
    .filter(({ score }) => score >= 0)
    .sort((one, other) => other.score - one.score)
    .map(({ item }) => item);
}

/** This will put values into a prompt's text, as the preview shows it; what has no value stays as its mark. */
export function filledPrompt(text, values) {
  return text.replace(PLACEHOLDER, (mark, name) => (values[name] === undefined || values[name] === '' ? mark : String(values[name])));
}
