// Footnotes: `[^label]` in the text, `[^label]: …` anywhere; the same rules as apps/chat/engine/grammar/footnotes.py.
// While a text is still arriving (`env.isPart`) a number stands for a note that is yet to come.
const LABEL = /\[\^([^\[\]\\^ \t\n]{1,60})\]/uy;
const DEFINITION = /\[\^([^\[\]\\^ \t\n]{1,60})\]:/uy;
const LIKELY = /^\d{1,3}$/;
const INDENT = 4;

/** This will teach the parser footnotes. */
export function installFootnotes(md) {
  md.block.ruler.before('reference', 'footnote', definition, { alt: ['paragraph', 'reference'] });
  md.inline.ruler.before('link', 'footnote_ref', reference);
  md.core.ruler.push('footnotes', gather);
  md.renderer.rules.footnote_ref = (tokens, at) => `<sup class="footnote">${tokens[at].content}</sup>`;
}

function labelAt(pattern, text, at, end) {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match && at + match[0].length <= end ? { label: match[1], end: at + match[0].length } : null;
}

function definition(state, startLine, endLine, isSilent) {
  if (state.sCount[startLine] - state.blkIndent >= 4) return false;
  const found = labelAt(DEFINITION, state.src, state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]);
  if (!found) return false;
  if (isSilent) return true;
  const numbers = (state.env.footnotes ??= new Map());
  if (!numbers.has(found.label)) numbers.set(found.label, 0);
  state.env.hasNotes = true;
  const opening = state.push('footnote_open', 'li', 1);
  opening.meta = { label: found.label };
  opening.map = [startLine, startLine];
  tokenizeWithin(state, startLine, endLine, found.end);
  opening.map[1] = state.line;
  state.push('footnote_close', 'li', -1);
  return true;
}

/** Read the note's blocks: the rest of its first line, and what is indented below. */
function tokenizeWithin(state, line, endLine, after) {
  const kept = [state.bMarks[line], state.tShift[line], state.sCount[line], state.parentType];
  let at = after;
  while (at < state.eMarks[line] && ' \t'.includes(state.src[at])) at += 1;
  [state.bMarks[line], state.tShift[line]] = [at, 0];
  state.blkIndent += INDENT;
  [state.sCount[line], state.parentType] = [state.blkIndent, 'footnote'];
  state.md.block.tokenize(state, line, endLine);
  state.blkIndent -= INDENT;
  [state.bMarks[line], state.tShift[line], state.sCount[line], state.parentType] = kept;
}

function reference(state, isSilent) {
  if (state.src[state.pos] !== '[' || state.linkLevel > 0) return false;
  const found = labelAt(LABEL, state.src, state.pos, state.posMax);
  if (!found) return false;
  const { env } = state;
  if (!env.footnotes?.has(found.label) && !(env.isPart && LIKELY.test(found.label))) return false;
  if (!isSilent) {
    env.footnotes ??= new Map();
    if (!env.footnotes.get(found.label)) env.footnotes.set(found.label, (env.footnoteCount = (env.footnoteCount ?? 0) + 1));
    state.push('footnote_ref', 'sup', 0).content = String(env.footnotes.get(found.label));
  }
  state.pos = found.end;
  return true;
}

/** Take the notes out of the text and list them at its end: the named ones by number, then the others. */
function gather(state) {
  if (!state.env.footnotes) return;
  const text = [];
  const notes = new Map();
  const outer = [];
  let into = text;
  for (const token of state.tokens) {
    if (token.type === 'footnote_open') {
      outer.push(into);
      if (!notes.has(token.meta.label)) notes.set(token.meta.label, []);
      into = notes.get(token.meta.label);
    } else if (token.type === 'footnote_close') into = outer.pop();
    else into.push(token);
  }
  if (notes.size) state.tokens = [...text, ...listed(state, notes)];
}

function listed({ env: { footnotes: numbers }, Token }, notes) {
  const make = (type, tag, nesting) => Object.assign(new Token(type, tag, nesting), { block: true });
  const order = (label) => numbers.get(label) || Infinity;
  const labels = [...notes.keys()].sort((one, other) => (order(one) === order(other) ? 0 : order(one) - order(other)));
  const opening = make('footnotes_open', 'ol', 1);
  opening.attrSet('class', 'footnotes');
  const first = numbers.get(labels[0]);
  if (first > 1) opening.attrSet('start', String(first));
  const items = labels.flatMap((label) => [make('footnote_open', 'li', 1), ...notes.get(label), make('footnote_close', 'li', -1)]);
  return [opening, ...items, make('footnotes_close', 'ol', -1)];
}
