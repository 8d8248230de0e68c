// A small menu at a button of a turn: opens by mouse and keyboard, closes by itself, gives the focus back.
import { find, icon, make } from '../dom.js';
import { placeBeside, walkItems } from '../menus.js';

/** This will open a menu at `button`; items are `{ label, note?, icon, run }`. A second call for the same button closes it. */
export function openMenu(button, items, { label }) {
  if (button.getAttribute('aria-expanded') === 'true') return;
  const menu = make('div.menu.popup', { role: 'menu', 'aria-label': label, popover: 'auto' }, ...items.map((item) => row(item, () => menu)));
  // In the landmark the button stands in; the top layer shows it anywhere.
  (button.closest('main, header, aside') ?? document.body).append(menu);
  button.setAttribute('aria-expanded', 'true');
  menu.addEventListener('keydown', (event) => key(event, menu));
  menu.addEventListener('focusout', (event) => event.relatedTarget && !menu.contains(event.relatedTarget) && menu.hidePopover());
  const open = new AbortController();
  menu.addEventListener('toggle', (event) => {
    if (event.newState !== 'closed') return;
    open.abort();
    close(menu, button);
  });
  // Where its button stands after that, nobody knows.
  addEventListener('resize', () => menu.hidePopover(), { signal: open.signal });
  menu.showPopover();
  placeBeside(menu, button.getBoundingClientRect());
  find('[role="menuitem"]', menu)?.focus();
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
  if (walkItems(menu, event) || event.key !== 'Escape') return;
  // Escape also stops answers; here it only closes the menu.
  event.preventDefault();
  event.stopPropagation();
  menu.hidePopover();
}
