// Markdown to safe elements; the same grammar as the server's.
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';

export const markdown = new MarkdownIt({ html: false, linkify: false, breaks: false });

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

// No id or name: an answer must not be able to stand in for a part of the page.
const POLICY = { RETURN_DOM_FRAGMENT: true, FORBID_ATTR: ['id', 'name', 'style'], ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false };

/** This will render Markdown to a fragment that holds nothing harmful. `env` carries link definitions from block to block. */
export function render(source, env = {}) {
  return DOMPurify.sanitize(markdown.render(source, env), POLICY);
}
