// The settings page of shortcuts: press keys to set them.
import { find, findAll, icon, make } from './dom.js';
import { t } from './i18n.js';
import { combinationOf, keysAreTyped, showKeys } from './keys.js';
import { grouped } from './shortcut-list.js';
import { allActions, currentBindings, keysOf, onShortcutsChanged, useBindings } from './shortcuts.js';
import { toast } from './toast.js';

const KNOWN = 'olympus.actions';
// The browser keeps these for itself, so they would never arrive.
const TAKEN = new Set(['Mod+W', 'Mod+T', 'Mod+N', 'Mod+Shift+W', 'Mod+Shift+T', 'Mod+Shift+N', 'Mod+Q', 'Tab', 'Shift+Tab', 'Escape', 'Enter']);

/** This will keep what this page can do for the list of settings, and wire that list where it is. */
export function installShortcutSettings() {
  const remember = () => store(KNOWN, known());
  onShortcutsChanged(remember);
  remember();
  const place = find('[data-shortcut-settings]');
  if (place) new ShortcutSettings(place);
}

/** Actions of other pages too, as this browser met them last. */
function known() {
  const here = allActions().map((action) => ({ id: action.id, label: action.label(), group: action.group?.() ?? t('On this page'), keys: action.keys ?? '' }));
  const ids = new Set(here.map((action) => action.id));
  return [...here, ...read(KNOWN).filter((action) => typeof action?.id === 'string' && !ids.has(action.id))];
}

class ShortcutSettings {
  constructor(place) {
    this.place = place;
    this.#draw();
    find('[data-reset-shortcuts]')?.addEventListener('click', () => this.#save({}, t('All shortcuts are as they were.')));
  }

  #draw() {
    const actions = known().map((action) => ({ ...action, label: () => action.label, group: () => action.group }));
    this.place.replaceChildren(...grouped(actions).map(([name, some]) => make('section.card', {}, make('header', {}, make('h2', {}, name)), make('ul.shortcut-rows', {}, ...some.map((action) => this.#row(action, actions))))));
  }

  #row(action, actions) {
    const keys = keysOf(action);
    const label = keys ? showKeys(keys) : t('None');
    const set = make('button.button.small.keycap', { type: 'button', 'data-action': action.id, 'aria-label': t('{action}: {keys}. Change', { action: action.label(), keys: label }) }, label);
    set.addEventListener('click', () => this.#listen(set, action, actions));
    const isOwn = action.id in currentBindings();
    const reset = make('button.icon-button', { type: 'button', title: t('As it was'), 'aria-label': t('{action}: as it was', { action: action.label() }), hidden: !isOwn, onclick: () => this.#save(without(currentBindings(), action.id)) }, icon('rotate-ccw', 's'));
    return make('li', {}, make('span', {}, action.label()), make('p.problem', { role: 'alert' }), reset, set);
  }

  /** Keys set it, Escape leaves it, Backspace or Delete takes it off the keyboard. */
  #listen(button, action, actions) {
    const before = button.textContent;
    const problem = find('.problem', button.closest('li'));
    button.textContent = t('Press keys…');
    button.dataset.listening = '';
    const end = () => {
      button.removeEventListener('keydown', hear, true);
      button.removeEventListener('blur', end);
      delete button.dataset.listening;
      button.textContent = before;
    };
    const hear = (event) => {
      if (event.key === 'Tab') return;
      event.preventDefault();
      event.stopPropagation();
      const keys = combinationOf(event);
      if (!keys) return;
      if (keys === 'Escape') return end();
      problem.textContent = '';
      const isNone = keys === 'Backspace' || keys === 'Delete';
      const refusal = isNone ? '' : refuse(keys, action, actions);
      if (refusal) {
        problem.textContent = refusal;
        return;
      }
      end();
      this.#save({ ...currentBindings(), [action.id]: isNone ? '' : keys });
    };
    button.addEventListener('keydown', hear, true);
    button.addEventListener('blur', end);
  }

  async #save(bindings, sentence = t('Saved on all your devices.')) {
    const before = currentBindings();
    const focused = document.activeElement?.dataset?.action;
    try {
      await send(bindings);
    } catch {
      toast(t('The shortcut could not be saved. Check the network and try again.'), { kind: 'failed' });
      return;
    }
    useBindings(bindings);
    this.#draw();
    if (focused) findAll('[data-action]', this.place).find((button) => button.dataset.action === focused)?.focus();
    toast(sentence, {
      undo: async () => {
        await send(before);
        useBindings(before);
        this.#draw();
      },
    });
  }
}

function refuse(keys, action, actions) {
  if (TAKEN.has(keys)) return t('{keys} belongs to the browser. Press others.', { keys: showKeys(keys) });
  const other = actions.find((one) => one.id !== action.id && keysOf(one) === keys);
  if (other) return t('{keys} already does “{action}”. Change that first, or press others.', { keys: showKeys(keys), action: other.label() });
  if (keysAreTyped(keys) && !/^(\?|F\d+)$/.test(keys)) return t('{keys} alone is for writing. Hold {mod} or Alt with it.', { keys: showKeys(keys), mod: showKeys('Mod') });
  return '';
}

async function send(bindings) {
  const headers = { 'X-CSRFToken': find('meta[name="csrf-token"]').content };
  const response = await fetch('/settings/shortcuts/', { method: 'POST', headers, body: new URLSearchParams({ shortcuts: JSON.stringify(bindings) }), redirect: 'manual' });
  if (response.status !== 204) throw new Error(`answered ${response.status}`);
}

function without(bindings, id) {
  return Object.fromEntries(Object.entries(bindings).filter(([key]) => key !== id));
}

function read(key) {
  try {
    const stored = JSON.parse(localStorage.getItem(key));
    return Array.isArray(stored) ? stored : [];
  } catch {
    return [];
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is switched off: the list holds what this page can do.
  }
}
