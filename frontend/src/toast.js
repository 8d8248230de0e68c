// A sentence at the bottom of the page that goes by itself, with an Undo where something can be undone.
import { find, icon, make } from './dom.js';
import { t } from './i18n.js';

// Long enough to read a sentence and reach the button; what is looked at or pointed at stays.
const SHOWN_MS = 8000;
const SHOWN_AT_ONCE = 3;
const GLYPHS = { done: 'check', failed: 'circle-alert', note: 'info' };

/**
 * This will show one sentence; with `undo` (an async function) a button that takes it back, with `link` ({ href, words })
 * a way to what it is about. Returns a function that closes it.
 */
export function toast(sentence, { undo = null, link = null, kind = 'done' } = {}) {
  const shelf = openShelf();
  const note = make('div.toast', { 'data-kind': kind }, icon(GLYPHS[kind] ?? 'info', 's'), make('span', {}, sentence));
  const close = () => leave(note);
  if (undo) note.append(make('button.button.small', { type: 'button', onclick: (event) => takeBack(event.currentTarget, undo, close) }, t('Undo')));
  if (link) note.append(make('a.button.small', { href: link.href, onclick: close }, link.words));
  note.append(make('button.icon-button', { type: 'button', 'aria-label': t('Close'), onclick: close }, icon('x', 's')));
  shelf.append(note);
  while (shelf.children.length > SHOWN_AT_ONCE) shelf.firstElementChild.remove();
  goByItself(note, close);
  return close;
}

async function takeBack(button, undo, close) {
  button.disabled = true;
  try {
    await undo();
    close();
  } catch (error) {
    close();
    toast(error.message, { kind: 'failed' });
  }
}

function goByItself(note, close) {
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (note.matches(':hover, :focus-within') ? wait() : close()), SHOWN_MS);
  };
  note.addEventListener('pointerleave', wait);
  note.addEventListener('focusout', wait);
  wait();
}

function leave(note) {
  const shelf = note.parentElement;
  note.remove();
  if (shelf && !shelf.childElementCount) shelf.hidePopover?.();
}

/** The shelf lies above an open dialog too, and belongs to it: all outside of a modal dialog is inert. */
function openShelf() {
  let shelf = document.getElementById('toasts');
  if (!shelf) shelf = make('div.toasts', { id: 'toasts', role: 'status', 'aria-live': 'polite', popover: 'manual' });
  const place = find('dialog[open]:modal') ?? document.body;
  if (shelf.parentElement !== place) place.append(shelf);
  // Above where one writes, however many lines that is.
  shelf.style.setProperty('--dock', `${place === document.body ? (find('.dock')?.offsetHeight ?? 0) : 0}px`);
  if (shelf.showPopover && !shelf.matches(':popover-open')) shelf.showPopover();
  return shelf;
}
