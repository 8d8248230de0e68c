// The side bar: a drawer on narrow screens, hidden or shown on wide ones; its list grows as one scrolls.
import { find, findAll } from './dom.js';
import { t } from './i18n.js';
import { installRailActions } from './rail-actions.js';
import { growList } from './chat/rail-list.js';
import { registerAction } from './shortcuts.js';

const narrow = matchMedia('(max-width: 52rem)');
// A finger that goes this far to the side means it.
const SWIPE_PX = 56;
// Swipes that begin this near to the edge are the browser's own "back".
const EDGE_PX = 18;

/** This will wire the buttons that open and close the side bar, its list and its keys. */
export function installRail() {
  const app = find('#app');
  const rail = find('#rail');
  if (!app || !rail) return;
  const drawer = new Drawer(app, rail);
  drawer.wire();
  const list = find('#rail-list');
  installRailActions(list);
  growList(list);
  wireArrows(list);
  registerRailKeys(drawer, list);
  for (const row of findAll('#rail [aria-current="page"], .settings > nav [aria-current="page"], .tabs [aria-current="page"]')) row.scrollIntoView({ block: 'nearest', inline: 'center' });
}

class Drawer {
  constructor(app, rail) {
    Object.assign(this, { app, rail, opener: find('[data-open-rail]') });
  }

  get isOpen() {
    return narrow.matches ? this.app.dataset.rail === 'open' : this.app.dataset.rail !== 'hidden';
  }

  open() {
    this.#set(narrow.matches ? 'open' : '', find('[data-close-rail]', this.rail));
  }

  close() {
    this.#set(narrow.matches ? '' : 'hidden', this.opener);
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  wire() {
    this.opener?.addEventListener('click', () => this.open());
    find('[data-close-rail]', this.rail)?.addEventListener('click', () => this.close());
    // The scrim is the app's own ::after, so a click on it lands on the app itself.
    this.app.addEventListener('click', (event) => {
      if (event.target === this.app && this.app.dataset.rail === 'open') this.close();
    });
    addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented && this.app.dataset.rail === 'open') {
        event.preventDefault();
        this.close();
      }
    });
    narrow.addEventListener('change', () => this.#set(''));
    this.#wireSwipes();
  }

  #set(state, focus) {
    this.app.dataset.rail = state;
    this.opener?.setAttribute('aria-expanded', String(this.isOpen));
    focus?.focus();
  }

  #wireSwipes() {
    let start = null;
    this.app.addEventListener('touchstart', (event) => (start = event.touches.length === 1 ? place(event.touches[0]) : null), { passive: true });
    this.app.addEventListener('touchend', (event) => {
      if (!start || !narrow.matches) return;
      const end = place(event.changedTouches[0]);
      const along = (end.x - start.x) * (getComputedStyle(this.app).direction === 'rtl' ? -1 : 1);
      if (Math.abs(along) < SWIPE_PX || Math.abs(along) < 2 * Math.abs(end.y - start.y)) return;
      if (along < 0 && this.app.dataset.rail === 'open') this.close();
      else if (along > 0 && this.app.dataset.rail !== 'open' && mayOpenFrom(start)) this.open();
      start = null;
    });
  }
}

const place = (touch) => ({ x: touch.clientX, y: touch.clientY, target: touch.target });

/** What scrolls sideways under the finger, and text fields, keep their own gesture. */
function mayOpenFrom({ x, target }) {
  if (x < EDGE_PX || x > innerWidth / 2) return false;
  for (let at = target; at instanceof Element; at = at.parentElement) {
    if (at.matches('textarea, input, pre, table, .scroll-x, dialog') || at.scrollWidth > at.clientWidth + 1) return at.id === 'app' || at === document.body;
  }
  return true;
}

function wireArrows(list) {
  list.addEventListener('keydown', (event) => {
    const row = event.target.closest?.('.convo');
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = findAll('.convo', list);
    const at = rows.indexOf(row);
    const next = { ArrowDown: rows[at + 1], ArrowUp: rows[at - 1], Home: rows[0], End: rows.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

function go(list, step) {
  const rows = findAll('.convo', list);
  const at = rows.findIndex((row) => row.getAttribute('aria-current') === 'page');
  const next = at < 0 ? rows[step > 0 ? 0 : rows.length - 1] : rows[at + step];
  if (next) location.assign(next.href);
}

function registerRailKeys(drawer, list) {
  const group = () => t('Going around');
  registerAction({ id: 'chat.new', group, icon: 'square-pen', label: () => t('New conversation'), keys: 'Mod+Shift+O', run: () => location.assign('/') });
  registerAction({ id: 'rail.toggle', group, icon: 'panel-left', label: () => t('Show or hide the side bar'), keys: 'Mod+B', run: () => drawer.toggle() });
  registerAction({ id: 'rail.next', group, icon: 'arrow-down', label: () => t('Next conversation'), keys: 'Alt+ArrowDown', run: () => go(list, 1) });
  registerAction({ id: 'rail.previous', group, icon: 'arrow-up', label: () => t('Previous conversation'), keys: 'Alt+ArrowUp', run: () => go(list, -1) });
  registerAction({
    id: 'search.open',
    group,
    icon: 'search',
    label: () => t('Search conversations'),
    keys: 'Mod+Shift+F',
    run: () => {
      if (!drawer.isOpen) drawer.open();
      find('#rail-search')?.select();
      find('#rail-search')?.focus();
    },
  });
}
