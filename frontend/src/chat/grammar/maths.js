// TeX in Markdown: `$…$` and `\(…\)` in a line, `$$…$$` and `\[…\]` displayed; the same rules as apps/chat/engine/grammar/maths.py.
import { spend } from './budget.js';

const MAX_INLINE = 1000;
const MAX_LINES = 200;
// As in pandoc, so that prices stay prices: no blank inside of the signs, and no letter or digit outside of them.
const DOLLAR = /\$(?![ \t\n$])((?:\\[\s\S]|[^\\$]){1,1000})(?<![ \t\n])\$(?![0-9A-Za-z$])/uy;
const DOLLARS = /\$\$(?!\$)((?:\\[\s\S]|[^\\$]){1,1000})\$\$(?!\$)/uy;
// "$30 or 8$" is two prices: a number, words, and nothing that only TeX has.
const PRICES = /^[0-9][^\\^_={}+*/<>]*[ \n][^\\^_={}+*/<>]*$/;
const WORD = /[0-9A-Za-z$]/;
const CLOSING = { '$$': '$$', '\\[': '\\]' };
const OUTER_BLANKS = /^[ \t\n]+|[ \t\n]+$/g;

/** This will teach the parser formulas. */
export function installMaths(md) {
  const { escapeHtml } = md.utils;
  md.inline.ruler.before('escape', 'maths', inline);
  md.block.ruler.before('fence', 'maths_block', block, { alt: ['paragraph', 'reference', 'blockquote', 'list'] });
  md.renderer.rules.maths = (tokens, at) =>
    `<code class="${tokens[at].info ? 'maths display' : 'maths'}">${escapeHtml(tokens[at].content)}</code>`;
  md.renderer.rules.maths_block = (tokens, at) => `<pre class="maths">${escapeHtml(tokens[at].content)}</pre>\n`;
}

function inline(state, isSilent) {
  const sign = state.src[state.pos];
  const found = sign === '$' ? dollars(state) : sign === '\\' ? brackets(state) : null;
  if (!found || found.end > state.posMax) return false;
  const content = found.content.replace(OUTER_BLANKS, '');
  if (!content) return false;
  if (!isSilent) {
    const token = state.push('maths', 'code', 0);
    token.content = content;
    token.info = found.isDisplay ? 'display' : '';
  }
  state.pos = found.end;
  return true;
}

function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function dollars({ src, pos }) {
  const display = matchAt(DOLLARS, src, pos);
  if (display) return { content: display[1], isDisplay: true, end: pos + display[0].length };
  if (pos && WORD.test(src[pos - 1])) return null;
  const match = matchAt(DOLLAR, src, pos);
  return match && !PRICES.test(match[1]) && { content: match[1], isDisplay: false, end: pos + match[0].length };
}

function brackets({ src, pos }) {
  const opening = src.slice(pos, pos + 2);
  if (opening !== '\\(' && opening !== '\\[') return null;
  const length = src.slice(pos + 2, pos + 2 + MAX_INLINE).indexOf(opening === '\\(' ? '\\)' : '\\]');
  return length < 0 ? null : { content: src.slice(pos + 2, pos + 2 + length), isDisplay: opening === '\\[', end: pos + length + 4 };
}

function block(state, startLine, endLine, isSilent) {
  const begin = state.bMarks[startLine] + state.tShift[startLine];
  const closing = CLOSING[state.src.slice(begin, begin + 2)];
  if (!closing || state.sCount[startLine] - state.blkIndent >= 4 || state.src[begin + 2] === '$') return false;
  const lines = [];
  let line = startLine;
  let text = state.src.slice(begin + 2, state.eMarks[startLine]);
  while (!text.includes(closing)) {
    lines.push(text);
    line += 1;
    spend(state.env, 1);
    if (line >= endLine || lines.length >= MAX_LINES || state.isEmpty(line) || state.sCount[line] < state.blkIndent) return false;
    text = state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
  }
  const at = text.indexOf(closing);
  const content = [...lines, text.slice(0, at)].join('\n').replace(OUTER_BLANKS, '');
  if (text.slice(at + 2).replace(OUTER_BLANKS, '') || !content) return false;
  if (!isSilent) {
    const token = state.push('maths_block', 'pre', 0);
    Object.assign(token, { block: true, content, map: [startLine, line + 1] });
    state.line = line + 1;
  }
  return true;
}
