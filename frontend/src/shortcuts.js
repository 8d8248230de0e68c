// What can be done on a page and by which keys: one registry for the palette, the list of shortcuts and the keys themselves.
import { combinationOf, keysAreTyped, showKeys } from './keys.js';

const actions = new Map();
const listeners = new Set();
let bindings = readBindings();

/**
 * This will make an action known: `{ id, label: () => text, keys?, when?: () => bool, run, group?: () => text, icon?, isListed? }`.
 * Registering an id again replaces it. Returns a function that removes it.
 */
export function registerAction(action) {
  actions.set(action.id, { when: () => true, icon: 'arrow-right', isListed: true, ...action });
  tell();
  return () => {
    actions.delete(action.id);
    tell();
  };
}

/** This will list every action, those that cannot be done now too. */
export const allActions = () => [...actions.values()];

/** This will list the actions that can be done on this page now. */
export const possibleActions = () => allActions().filter((action) => action.when());

/** This will run an action if it can be done now, and tell whether it was. */
export function runAction(id) {
  const action = actions.get(id);
  if (!action?.when()) return false;
  action.run();
  return true;
}

/** This will give an action's keys as the person set them; '' where it has none. */
export const keysOf = (action) => bindings[action.id] ?? action.keys ?? '';

/** This will give an action's keys as this machine writes them: ⌘K or Ctrl K. */
export const shownKeysOf = (action) => showKeys(keysOf(action));

/** This will use other keys from now on, `{ id: keys }`; keys '' take an action off the keyboard. */
export function useBindings(changed) {
  bindings = { ...changed };
  tell();
}

export const currentBindings = () => ({ ...bindings });

/** This will call `listener` when actions or keys changed. */
export function onShortcutsChanged(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** This will listen for the keys of every action. */
export function installShortcuts() {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const keys = combinationOf(event);
    if (!keys || (keysAreTyped(keys) && isWriting(event.target))) return;
    const action = possibleActions().find((one) => keysOf(one) === keys);
    // A modal dialog has the keyboard for itself, but for what says it works there.
    if (!action || (document.querySelector('dialog:modal') && !action.worksInDialogs)) return;
    event.preventDefault();
    action.run();
  });
}

function isWriting(target) {
  return target instanceof Element && target.closest('input:not([type="checkbox"], [type="radio"], [type="button"]), textarea, select, [contenteditable=""], [contenteditable="true"]') !== null;
}

function readBindings() {
  try {
    const stored = JSON.parse(document.documentElement.dataset.shortcuts || '{}');
    return stored && typeof stored === 'object' ? stored : {};
  } catch {
    return {};
  }
}

function tell() {
  for (const listener of listeners) listener();
}
