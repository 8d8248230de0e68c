// What the page adds to rendered Markdown: frames around code with buttons, formulas, diagrams, notes, safe links, regions that scroll by keyboard.
import { icon, make } from '../dom.js';
import { t } from '../i18n.js';
import { showTurningSigns } from './bidi.js';
import { frameDiagram } from './diagram.js';
import { wireNotes, wireNumbers } from './footnotes.js';
import { setFormulas } from './maths.js';

// Marking every sign of longer code would take longer than a frame has.
const MOST_MARKED_CHARS = 400_000;
let highlighter = null;

/** This will dress the elements of finished blocks; those dressed already stay as they are. */
export function decorate(elements) {
  for (const element of elements) {
    for (const pre of within(element, 'pre')) dressBlock(pre);
    for (const table of within(element, 'table')) makeScrollable(table, t('Table'));
    for (const item of within(element, 'li.task')) tellTask(item);
    for (const code of within(element, ':not(pre) > code:not(.maths)')) showTurningSigns(code);
    for (const link of within(element, 'a[href]')) {
      link.target = '_blank';
      link.rel = 'noopener noreferrer';
    }
    wireNumbers(element);
    wireNotes(element);
  }
  setFormulas(elements);
}

function within(element, selector) {
  const found = [...element.querySelectorAll(selector)];
  return element.matches(selector) ? [element, ...found] : found;
}

function makeScrollable(element, label) {
  element.tabIndex = 0;
  if (element.localName !== 'table') element.setAttribute('role', 'group');
  element.setAttribute('aria-label', label);
}

function dressBlock(pre) {
  if (pre.className === 'unrendered') tellUnrendered(pre);
  else if (!pre.classList.contains('maths')) frameCode(pre);
}

function tellUnrendered(pre) {
  if (pre.previousElementSibling?.classList.contains('unrendered-note')) return;
  const why = t('Shown as plain text, because drawing it would take too long.');
  makeScrollable(pre, t('Plain text'));
  pre.before(make('p.caption.unrendered-note', {}, icon('info', 's'), why));
}

function tellTask(item) {
  if (item.dataset.told === undefined) item.prepend(make('span.visually-hidden', {}, item.classList.contains('done') ? t('Done:') : t('To do:')));
  item.dataset.told = '';
}

/** This will frame a code block; `isOpen` says that it is still being written, and gets no button and no colors. */
export function frameCode(pre, { isOpen = false } = {}) {
  const code = pre.firstElementChild;
  if (!code || pre.parentElement?.classList.contains('code')) return;
  const language = /language-(\S+)/.exec(code.className)?.[1] ?? '';
  if (language === 'math' && !isOpen) {
    pre.className = 'maths';
    pre.textContent = code.textContent.trim();
    return;
  }
  const tools = isOpen ? [] : [wrapButton(), make('button.copy', { type: 'button', 'data-copy': '' }, icon('copy', 's'), t('Copy'))];
  const figure = make('figure.code', {}, make('figcaption', {}, make('b', {}, language || t('text')), ...tools));
  makeScrollable(pre, language ? t('Code, {language}', { language }) : t('Code'));
  pre.replaceWith(figure);
  figure.append(pre);
  if (isOpen) return;
  if (language === 'mermaid') frameDiagram(figure, code.textContent);
  whenIdle(() => color(code, language));
}

function wrapButton() {
  const label = t('Wrap long lines');
  const toggle = ({ currentTarget }) => {
    const isWrapped = currentTarget.closest('.code').toggleAttribute('data-wrap');
    currentTarget.setAttribute('aria-pressed', String(isWrapped));
  };
  return make('button.copy.wrap', { type: 'button', 'aria-pressed': 'false', 'aria-label': label, title: label, onclick: toggle }, icon('text-wrap', 's'));
}

async function color(code, language) {
  if (language && language !== 'mermaid') await highlight(code, language);
  if (code.textContent.length < MOST_MARKED_CHARS) showTurningSigns(code);
}

async function highlight(code, language) {
  // Loaded with the first block that has a language; many answers have none.
  highlighter ??= import('./highlight.js');
  try {
    const { highlighted } = await highlighter;
    const html = await highlighted(code.textContent, language);
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
