// What can be done with a conversation in the side bar: its menu, its keys, its name written in place.
import { api } from './api.js';
import { currentConversation, refreshList } from './chat/rail-list.js';
import { find, findAll, icon, make } from './dom.js';
import { t } from './i18n.js';
import { placeBeside, walkItems } from './menus.js';
import { openShareDialog } from './share.js';
import { registerAction } from './shortcuts.js';
import { toast } from './toast.js';

const MAX_TITLE = 200;

/** This will wire the rows of a list: the button and right click open the menu, F2 renames, Delete deletes. */
export function installRailActions(list) {
  list.addEventListener('click', (event) => {
    const button = event.target.closest('[data-row-menu]');
    if (button) openMenu(button.closest('.row'), button.getBoundingClientRect(), button);
  });
  list.addEventListener('contextmenu', (event) => {
    const row = event.target.closest('.row');
    if (!row || event.target.closest('input')) return;
    event.preventDefault();
    const isByKey = event.clientX === 0 && event.clientY === 0;
    openMenu(row, isByKey ? row.getBoundingClientRect() : new DOMRect(event.clientX, event.clientY, 0, 0), find('.convo', row));
  });
  list.addEventListener('keydown', (event) => {
    const row = event.target.closest('.row');
    if (!row || !event.target.matches('.convo, [data-row-menu]')) return;
    if (event.key === 'F2') rename(row);
    else if (event.key === 'Delete') remove(row);
    else return;
    event.preventDefault();
  });
  registerCurrent(list);
}

function registerCurrent(list) {
  const row = () => {
    const id = currentConversation();
    return id ? find(`.row[data-conversation="${id}"]`, list) : null;
  };
  const known = () => row() !== null;
  const group = () => t('This conversation');
  const add = (id, glyph, label, keys, act) => registerAction({ id, group, icon: glyph, label, keys, when: known, run: () => act(row()) });
  add('chat.rename', 'pencil', () => t('Rename this conversation'), '', (one) => {
    if (find('#app').dataset.rail !== 'open' && !one.checkVisibility()) find('[data-open-rail]')?.click();
    rename(one);
  });
  add('chat.pin', 'pin', () => (row()?.dataset.pinned === undefined ? t('Pin this conversation') : t('Unpin this conversation')), '', pin);
  add('chat.archive', 'archive', () => t('Archive this conversation'), 'Mod+Shift+E', archive);
  add('chat.delete', 'trash-2', () => t('Delete this conversation'), 'Mod+Shift+Backspace', remove);
}

const idOf = (row) => row.dataset.conversation;
const titleOf = (row) => find('.convo span', row).textContent;
const isCurrent = (row) => idOf(row) === currentConversation();

async function change(row, changes, done) {
  try {
    await api('PATCH', `/conversations/${idOf(row)}`, changes);
    await refreshList(row.closest('#rail-list') ?? find('#rail-list'));
    done?.();
    return true;
  } catch (error) {
    toast(error.message, { kind: 'failed' });
    return false;
  }
}

const restoreList = () => refreshList(find('#rail-list'));

function pin(row) {
  change(row, { is_pinned: row.dataset.pinned === undefined });
}

function archive(row) {
  const id = idOf(row);
  change(row, { is_archived: true }, () =>
    toast(t('“{title}” is in the archive.', { title: titleOf(row) }), { undo: () => api('PATCH', `/conversations/${id}`, { is_archived: false }).then(restoreList) }),
  );
}

async function remove(row) {
  const id = idOf(row);
  const title = titleOf(row);
  const wasCurrent = isCurrent(row);
  const next = findAll('#rail-list .row').find((one, at, all) => all[at - 1] === row) ?? row.previousElementSibling;
  try {
    await api('DELETE', `/conversations/${id}`);
  } catch (error) {
    toast(error.message, { kind: 'failed' });
    return;
  }
  const undo = async () => {
    await api('POST', `/conversations/${id}/restore`);
    if (wasCurrent) location.assign(`/c/${id}/`);
    else await restoreList();
  };
  if (wasCurrent) leave(id, title);
  else {
    const nextId = next?.dataset?.conversation;
    await restoreList();
    if (nextId) find(`.row[data-conversation="${nextId}"] .convo`)?.focus();
    toast(t('“{title}” is deleted.', { title }), { undo });
  }
}

/** The page of what was just deleted gives way to an empty one, which still offers to undo it. */
function leave(id, title) {
  try {
    sessionStorage.setItem('deleted', JSON.stringify({ id, title }));
  } catch {
    // Without storage it can be restored by its address within 30 days.
  }
  location.assign('/');
}

/** This will offer to undo the deletion that led to this page. */
export function offerUndo() {
  let left = null;
  try {
    left = JSON.parse(sessionStorage.getItem('deleted'));
    sessionStorage.removeItem('deleted');
  } catch {
    // Nothing was left that can be read.
  }
  if (!left?.id) return;
  toast(t('“{title}” is deleted.', { title: left.title }), {
    undo: async () => {
      await api('POST', `/conversations/${left.id}/restore`);
      location.assign(`/c/${left.id}/`);
    },
  });
}

/** This will let the name be written in its row; Enter keeps it, Escape does not. */
function rename(row) {
  const link = find('.convo', row);
  const before = titleOf(row);
  const input = make('input.renaming', { type: 'text', value: before, maxlength: MAX_TITLE, 'aria-label': t('Name of the conversation'), autocomplete: 'off' });
  link.hidden = true;
  row.prepend(input);
  input.focus();
  input.select();
  let isOver = false;
  const end = async (keep) => {
    if (isOver) return;
    isOver = true;
    const title = input.value.trim().replace(/\s+/g, ' ');
    const hadFocus = document.activeElement === input;
    input.remove();
    link.hidden = false;
    if (hadFocus) link.focus();
    if (!keep || !title || title === before) return;
    find('span', link).textContent = title;
    if (await change(row, { title })) {
      if (idOf(row) === currentConversation()) showTitle(title);
    } else find('span', link).textContent = before;
  };
  input.addEventListener('blur', () => end(true));
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' || event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      end(event.key === 'Enter');
    }
  });
}

function showTitle(title) {
  const heading = find('#page-title');
  if (heading) heading.textContent = title;
  document.title = `${title} · Olympus`;
}

// ---- the menu

function openMenu(row, box, origin) {
  closeMenu();
  const pinned = row.dataset.pinned !== undefined;
  const isOfButton = origin.matches('[data-row-menu]');
  // The list may be fetched anew while the menu is open: another element is the row then.
  const now = () => find(`#rail-list .row[data-conversation="${idOf(row)}"]`) ?? row;
  const menu = make('div.menu.row-actions', { id: 'row-actions', role: 'menu', popover: 'auto', 'aria-label': t('Actions for {title}', { title: titleOf(row) }) });
  menu.append(
    item('pencil', t('Rename'), () => rename(now()), 'F2'),
    item(pinned ? 'pin-off' : 'pin', pinned ? t('Unpin') : t('Pin'), () => pin(now())),
    item('folder-input', t('Move to a project'), () => showProjects(menu, now()), '', { stays: true, 'aria-haspopup': 'menu' }),
    item('share', t('Share'), () => openShareDialog(idOf(row))),
    item('archive', t('Archive'), () => archive(now())),
    make('hr'),
    item('trash-2', t('Delete'), () => remove(now()), t('Del'), { class: 'danger' }),
  );
  (find('#rail') ?? document.body).append(menu);
  origin.setAttribute('aria-expanded', 'true');
  row.dataset.menu = '';
  menu.addEventListener('toggle', (event) => {
    if (event.newState !== 'closed') return;
    origin.removeAttribute('aria-expanded');
    delete now().dataset.menu;
    if (menu.contains(document.activeElement) || document.activeElement === document.body) find(isOfButton ? '[data-row-menu]' : '.convo', now())?.focus();
    menu.remove();
  });
  menu.addEventListener('keydown', (event) => {
    if (!walkItems(menu, event) && event.key === 'Tab') closeMenu();
  });
  menu.showPopover();
  // A click of the pointer has a place and no width.
  placeBeside(menu, box, { end: box.width > 0 });
  find('[role="menuitem"]', menu).focus();
}

function closeMenu() {
  document.getElementById('row-actions')?.hidePopover();
}

function item(glyph, label, act, keys = '', { stays = false, class: kind = '', ...attributes } = {}) {
  return make(
    `button.menu-item${kind ? `.${kind}` : ''}`,
    {
      type: 'button',
      role: 'menuitem',
      tabindex: '-1',
      ...attributes,
      onclick: () => {
        if (!stays) closeMenu();
        act();
      },
    },
    icon(glyph, 's'),
    make('span', {}, label),
    keys ? make('kbd', { 'aria-hidden': 'true' }, keys) : null,
  );
}

async function showProjects(menu, row) {
  const list = make('div.projects', { role: 'group', 'aria-label': t('Projects') }, make('p.sub', {}, t('Loading…')));
  menu.replaceChildren(list);
  let projects;
  try {
    projects = (await api('GET', '/projects?limit=200')).results;
  } catch (error) {
    closeMenu();
    toast(error.message, { kind: 'failed' });
    return;
  }
  const choose = (project) => () => move(row, project);
  const choices = projects.map((project) => choice(project.name, row.dataset.project === project.id, choose(project)));
  if (row.dataset.project) choices.unshift(choice(t('No project'), false, choose(null)));
  list.replaceChildren(...(choices.length ? choices : [make('p.sub', {}, t('There is no project yet.')), item('folder-plus', t('Make a project'), () => location.assign('/projects/'))]));
  find('button', list)?.focus();
}

function choice(name, isChosen, act) {
  const button = item(isChosen ? 'check' : 'folder', name, act);
  button.setAttribute('role', 'menuitemradio');
  button.setAttribute('aria-checked', String(isChosen));
  return button;
}

function move(row, project) {
  const id = idOf(row);
  const before = row.dataset.project ?? null;
  const sentence = project ? t('Moved to {name}.', { name: project.name }) : t('Taken out of its project.');
  change(row, { project: project?.id ?? null }, () => toast(sentence, { undo: () => api('PATCH', `/conversations/${id}`, { project: before }).then(restoreList) }));
}
