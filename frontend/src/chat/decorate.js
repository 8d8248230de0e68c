// What the page adds to rendered Markdown: frames around code with a copy button, safe links, regions that scroll by keyboard.
import { icon, make } from '../dom.js';

let highlighter = null;

/** This will dress the elements of finished blocks; those dressed already stay as they are. */
export function decorate(elements) {
  for (const element of elements) {
    for (const pre of within(element, 'pre')) frameCode(pre);
    for (const table of within(element, 'table')) makeScrollable(table, 'Table');
    for (const link of within(element, 'a[href]')) {
      link.target = '_blank';
      link.rel = 'noopener noreferrer';
    }
  }
}

function within(element, selector) {
  const found = [...element.querySelectorAll(selector)];
  return element.matches(selector) ? [element, ...found] : found;
}

function makeScrollable(element, label) {
  element.tabIndex = 0;
  if (element.localName !== 'table') element.setAttribute('role', 'region');
  element.setAttribute('aria-label', label);
}

/** This will frame a code block; `isOpen` says that it is still being written, and gets no button and no colors. */
export function frameCode(pre, { isOpen = false } = {}) {
  const code = pre.firstElementChild;
  if (!code || pre.parentElement?.classList.contains('code')) return;
  const language = /language-(\S+)/.exec(code.className)?.[1] ?? '';
  const copy = isOpen ? null : make('button.copy', { type: 'button', 'data-copy': '' }, icon('copy', 's'), 'Copy');
  const figure = make('figure.code', {}, make('figcaption', {}, make('b', {}, language || 'text'), copy));
  makeScrollable(pre, language ? `Code, ${language}` : 'Code');
  pre.replaceWith(figure);
  figure.append(pre);
  if (language && !isOpen) whenIdle(() => highlight(code, language));
}

async function highlight(code, language) {
  // Loaded with the first block that has a language; many answers have none.
  highlighter ??= import('./highlight.js');
  try {
    const { highlighted } = await highlighter;
    const html = highlighted(code.textContent, language);
    if (html !== null && code.isConnected) code.innerHTML = html;
  } catch {
    // The chunk could not be loaded: the code stays in one color, and the next block tries again.
    highlighter = null;
  }
}

function whenIdle(work) {
  if (globalThis.requestIdleCallback) requestIdleCallback(work, { timeout: 1000 });
  else setTimeout(work, 50);
}
