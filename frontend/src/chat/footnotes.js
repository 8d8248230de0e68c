// Footnotes on the page: number and note lead to each other. They are tied together by their order, since an answer brings no ids.
import { find, findAll, make } from '../dom.js';
import { t } from '../i18n.js';

const FLASH_MS = 1600;

/** This will make the numbers in these elements buttons. */
export function wireNumbers(element) {
  for (const number of within(element, 'sup.footnote')) {
    if (number.firstElementChild) continue;
    const label = t('Footnote {n}', { n: number.textContent });
    number.replaceChildren(make('button', { type: 'button', 'aria-label': label, onclick: () => toNote(number) }, number.textContent));
  }
}

/** This will give the notes of a list their ways back. */
export function wireNotes(element) {
  for (const list of within(element, 'ol.footnotes')) {
    list.setAttribute('aria-label', t('Footnotes'));
    for (const [at, note] of [...list.children].entries()) {
      if (find('.back', note)) continue;
      const label = t('Back to the text');
      const back = make('button.back', { type: 'button', 'aria-label': label, title: label, onclick: () => toNumber(list, at + list.start) }, '↩');
      (note.lastElementChild?.localName === 'p' ? note.lastElementChild : note).append(' ', back);
    }
  }
}

function within(element, selector) {
  return [...(element.matches(selector) ? [element] : []), ...element.querySelectorAll(selector)];
}

function toNote(number) {
  const lists = findAll('ol.footnotes', number.closest('.prose') ?? document);
  const wanted = Number(number.textContent);
  for (const list of lists) show(list.children[wanted - list.start]);
}

function toNumber(list, wanted) {
  const numbers = findAll('sup.footnote', list.closest('.prose') ?? document);
  show(numbers.find((one) => Number(one.textContent) === wanted)?.firstElementChild);
}

function show(element) {
  if (!element) return;
  if (element.localName === 'li') element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  element.dataset.shown = '';
  setTimeout(() => delete element.dataset.shown, FLASH_MS);
}
