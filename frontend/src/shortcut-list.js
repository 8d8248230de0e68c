// The list of shortcuts, by `?`, and where it can be changed.
import { find, make } from './dom.js';
import { t } from './i18n.js';
import { allActions, keysOf, onShortcutsChanged, registerAction, shownKeysOf } from './shortcuts.js';

/** This will wire the list and write each `[data-keys-of]` with the keys of its action. */
export function installShortcutList() {
  registerAction({ id: 'shortcuts.list', group: () => t('Going around'), icon: 'keyboard', label: () => t('Show the keyboard shortcuts'), keys: '?', run: open });
  onShortcutsChanged(writeHints);
  writeHints();
}

function writeHints() {
  for (const hint of document.querySelectorAll('[data-keys-of]')) {
    const action = allActions().find((one) => one.id === hint.dataset.keysOf);
    hint.textContent = action ? shownKeysOf(action) : '';
  }
}

/** This will group actions as `[[name, actions], …]`, in the order they came. */
export function grouped(actions) {
  const groups = new Map();
  for (const action of actions) {
    const name = action.group?.() ?? t('On this page');
    groups.set(name, [...(groups.get(name) ?? []), action]);
  }
  return [...groups];
}

function open() {
  if (find('#shortcut-list')) return;
  const withKeys = allActions().filter(keysOf);
  const lists = grouped(withKeys).map(([name, actions]) =>
    make('section', {}, make('h3', {}, name), make('dl', {}, ...actions.map((action) => make('div', {}, make('dt', {}, action.label()), make('dd', {}, make('kbd', {}, shownKeysOf(action))))))),
  );
  const close = make('button.button', { type: 'button', 'data-close-dialog': '', autofocus: true }, t('Close'));
  const dialog = make('dialog.shortcut-list', { id: 'shortcut-list', 'aria-labelledby': 'shortcut-list-title' }, make('div.sheet', {}, make('h2', { id: 'shortcut-list-title' }, t('Keyboard shortcuts')), make('div.groups', {}, ...lists), make('div.actions', {}, make('a.button.ghost', { href: '/settings/shortcuts/' }, t('Change them')), close)));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
