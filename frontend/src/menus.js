// What small menus share: where they open, and how the arrows walk in them.
import { findAll } from './dom.js';

const GAP_PX = 6;
const EDGE_PX = 8;

/** This will put a menu below a box, above it where there is no room; `end` lets their right edges meet. */
export function placeBeside(menu, box, { end = false } = {}) {
  // Not what is drawn: a menu that is opening may still be growing.
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = box.bottom + GAP_PX;
  const top = below + height <= innerHeight - EDGE_PX ? below : Math.max(EDGE_PX, box.top - GAP_PX - height);
  const left = Math.max(EDGE_PX, Math.min(end ? box.right - width : box.left, innerWidth - EDGE_PX - width));
  menu.style.setProperty('inset', `${top}px auto auto ${left}px`);
}

/** This will move the focus among a menu's items by arrows, Home and End; false for any other key. */
export function walkItems(menu, event) {
  const items = findAll('[role="menuitem"], [role="menuitemradio"]', menu);
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: items[(at + 1) % items.length], ArrowUp: items.at(Math.max(at, 0) - 1), Home: items[0], End: items.at(-1) }[event.key];
  if (!to) return false;
  event.preventDefault();
  event.stopPropagation();
  to.focus();
  return true;
}
