// A small menu at a button of a turn: opens by mouse and keyboard, closes by itself, gives the focus back.
import { findAll, icon, make } from '../dom.js';

const GAP_PX = 6;
const EDGE_PX = 8;

/** This will open a menu at `button`; items are `{ label, note?, icon, run }`. A second call for the same button closes it. */
export function openMenu(button, items, { label }) {
  if (button.getAttribute('aria-expanded') === 'true') return;
  const menu = make('div.menu.popup', { role: 'menu', 'aria-label': label, popover: 'auto' }, ...items.map((item) => row(item, () => menu)));
  // In the landmark the button stands in; the top layer shows it anywhere.
  (button.closest('main') ?? document.body).append(menu);
  button.setAttribute('aria-expanded', 'true');
  menu.addEventListener('keydown', (event) => key(event, menu));
  menu.addEventListener('focusout', (event) => event.relatedTarget && !menu.contains(event.relatedTarget) && menu.hidePopover());
  menu.addEventListener('toggle', (event) => event.newState === 'closed' && close(menu, button));
  menu.showPopover();
  place(menu, button);
  findAll('[role="menuitem"]', menu)[0]?.focus();
}

function row(item, menu) {
  const run = () => {
    menu().hidePopover();
    item.run();
  };
  const words = make('span.what', {}, make('b', {}, item.label), item.note ? make('small', {}, item.note) : null);
  return make('button.popup-item', { type: 'button', role: 'menuitem', tabindex: '-1', onclick: run }, icon(item.icon, 's'), words);
}

function close(menu, button) {
  const hadFocus = menu.contains(document.activeElement) || document.activeElement === document.body;
  button.setAttribute('aria-expanded', 'false');
  menu.remove();
  if (hadFocus) button.focus({ preventScroll: true });
}

function key(event, menu) {
  const items = findAll('[role="menuitem"]', menu);
  const at = items.indexOf(document.activeElement);
  const last = items.length - 1;
  const to = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last }[event.key];
  if (to !== undefined) items[to].focus();
  else if (event.key === 'Escape') menu.hidePopover();
  else return;
  // Escape also stops answers; here it only closes the menu.
  event.preventDefault();
  event.stopPropagation();
}

function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + GAP_PX;
  const top = below + height <= innerHeight - EDGE_PX ? below : Math.max(EDGE_PX, at.top - GAP_PX - height);
  const left = Math.max(EDGE_PX, Math.min(at.left, innerWidth - EDGE_PX - width));
  menu.style.setProperty('top', `${top}px`);
  menu.style.setProperty('left', `${left}px`);
}
