// Markdown to safe elements; the same grammar as the server's.
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import { codePointLength } from './codepoints.js';
import { TooComplex, installBudget } from './grammar/budget.js';
import { installFootnotes } from './grammar/footnotes.js';
import { installMaths } from './grammar/maths.js';
import { installTasks } from './grammar/tasks.js';

// As on the server: what is longer is shown as it was written.
const MAX_LENGTH = 400_000;

export const markdown = new MarkdownIt({ html: false, linkify: false, breaks: false, maxNesting: 100 });

// An image named by a model would tell a stranger's server that it is read (and the policy forbids it): it becomes a link.
markdown.renderer.rules.image = (tokens, at, options, env, renderer) => {
  const token = tokens[at];
  const { escapeHtml } = markdown.utils;
  const label = renderer.renderInlineAsText(token.children, options, env) || token.attrGet('src');
  return `<a href="${escapeHtml(token.attrGet('src'))}">${escapeHtml(label)}</a>`;
};

// markdown-it aligns columns by style attributes, which the policy forbids.
markdown.core.ruler.push('alignment', (state) => {
  for (const token of state.tokens) {
    const style = token.type === 'td_open' || token.type === 'th_open' ? token.attrGet('style') : null;
    if (style) token.attrs = [['align', style.replace('text-align:', '')]];
  }
});

// The server's parser drops every kind of blank around a paragraph, this one only those of ASCII.
const OUTER_BLANKS = /^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g;
markdown.core.ruler.before('inline', 'blanks', ({ tokens }) => {
  for (let at = 1; at < tokens.length; at += 1) {
    const isOwn = tokens[at].type === 'inline' && ['paragraph_open', 'heading_open'].includes(tokens[at - 1].type);
    if (isOwn) tokens[at].content = tokens[at].content.replace(OUTER_BLANKS, (blanks) => (blanks.includes('\ufeff') ? blanks.replace(/[^\ufeff]/g, '') : ''));
  }
});

for (const install of [installMaths, installTasks, installFootnotes, installBudget]) install(markdown);

// No id or name: an answer must not be able to stand in for a part of the page.
const POLICY = {
  RETURN_DOM_FRAGMENT: true, FORBID_ATTR: ['id', 'name', 'style'], FORBID_TAGS: ['style', 'form', 'input', 'button', 'svg', 'math', 'img'],
  ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false,
};

/** This will render Markdown to HTML that is not sanitized yet; what would take too long is shown as it was written. */
export function html(source, env = {}) {
  if (isTooLong(source)) return asItWasWritten(source);
  try {
    return markdown.render(source, env);
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    env.isTooComplex = true;
    return asItWasWritten(source);
  }
}

/** This will render Markdown to a fragment that holds nothing harmful. `env` carries definitions from block to block. */
export function render(source, env = {}) {
  return DOMPurify.sanitize(html(source, env), POLICY);
}

/** This will say whether a text is so long that it is shown as it was written. */
export function isTooLong(source) {
  return source.length > MAX_LENGTH && codePointLength(source) > MAX_LENGTH;
}

function asItWasWritten(source) {
  return `<pre class="unrendered">${markdown.utils.escapeHtml(source)}</pre>\n`;
}

/** This will return the lines at which the blocks of a text begin, without reading what is in them. */
export function blockStarts(source) {
  const tokens = [];
  markdown.block.parse(source, markdown, {}, tokens);
  return tokens.filter((token) => token.level === 0 && token.map && token.nesting >= 0).map((token) => token.map[0]);
}
