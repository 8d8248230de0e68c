// Formulas: TeX that Markdown left as text is set by KaTeX, loaded with the first one.
import { make } from '../dom.js';
import { t } from '../i18n.js';

// KaTeX sets a formula of this length in some ten milliseconds; longer ones are shown as they were written.
const MOST_CHARS = 5000;
// So many different formulas are kept, for a paragraph that is shown again with every word.
const MOST_KEPT = 200;
// A window of turns may hold hundreds: the page gets its turn in between.
const SLICE_MS = 8;
const OPTIONS = { throwOnError: true, trust: false, strict: 'ignore', maxExpand: 500, maxSize: 20, output: 'htmlAndMathml' };
const kept = new Map();
let engine = null;
let loaded = null;

const isDisplay = (element) => element.localName === 'pre' || element.classList.contains('display');
const keyOf = (element) => `${isDisplay(element) ? 'D' : 'I'}${element.textContent}`;

/** This will set the formulas among and in these elements, as soon as KaTeX is there; if it is, the first of them at once. */
export async function setFormulas(elements) {
  const found = formulasIn(elements);
  if (!found.length || !(loaded || (await loadOnce()))) return;
  let began = performance.now();
  for (const element of found) {
    if (performance.now() - began > SLICE_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      began = performance.now();
    }
    if (element.parentNode) set(element);
  }
}

/** This will set the finished formulas of a block that is still being written; each is drawn once and then copied. */
export function setFinishedFormulas(block) {
  const found = formulasIn([block]);
  if (!found.length) return;
  if (!loaded) {
    loadOnce();
    return;
  }
  const last = lastText(block);
  for (const element of found) if (!element.contains(last)) set(element);
}

function lastText(node) {
  let last = node;
  while (last.lastChild) last = last.lastChild;
  return last.nodeType === Node.TEXT_NODE && !last.data.trim() && last.previousSibling ? lastText(last.previousSibling) : last;
}

function formulasIn(elements) {
  const selector = 'code.maths, pre.maths';
  return elements.flatMap((element) => [...(element.matches(selector) ? [element] : []), ...element.querySelectorAll(selector)]);
}

async function loadOnce() {
  engine ??= load();
  try {
    loaded = await engine;
    return true;
  } catch {
    // The chunk could not be loaded: formulas stay TeX, and the next one tries again.
    engine = null;
    return false;
  }
}

async function load() {
  const sheet = new Promise((resolve, reject) => {
    const href = document.documentElement.dataset.maths;
    document.head.append(make('link', { rel: 'stylesheet', href, onload: resolve, onerror: reject }));
  });
  const [{ default: katex }] = await Promise.all([import('katex'), sheet]);
  return katex;
}

function set(element) {
  const formula = formulaOf(element);
  if (formula) element.replaceWith(formula.cloneNode(true));
  else tellBroken(element);
}

function formulaOf(element) {
  const key = keyOf(element);
  if (!kept.has(key)) {
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value);
    kept.set(key, drawn(element.textContent, isDisplay(element)));
  }
  return kept.get(key);
}

function drawn(tex, displayMode) {
  if (tex.length > MOST_CHARS) return null;
  const box = make(displayMode ? 'span.formula.display' : 'span.formula', displayMode ? { tabindex: '0', role: 'group', 'aria-label': t('Formula') } : {});
  try {
    loaded.render(tex, box, { ...OPTIONS, displayMode });
    return box;
  } catch {
    return null;
  }
}

function tellBroken(element) {
  element.classList.add('broken');
  element.title = element.textContent.length > MOST_CHARS ? t('This formula is too long to be drawn.') : t('This formula could not be read, so its source is shown.');
}
