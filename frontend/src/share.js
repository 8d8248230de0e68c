// The conversation's own menu in the bar: share by link, take away as a file, archive, delete.
import { api } from './api.js';
import { openMenu } from './chat/popup-menu.js';
import { currentConversation } from './chat/rail-list.js';
import { copyWith } from './copy.js';
import { confirmed } from './dialogs.js';
import { find, icon, make } from './dom.js';
import { t } from './i18n.js';
import { registerAction, runAction } from './shortcuts.js';
import { toast } from './toast.js';

const EXPIRIES = [1, 7, 30, 90];
const USUAL_EXPIRY = 30;

/** This will wire the buttons of the bar; `conversation` tells when a new one has begun. */
export function installConversationMenu(conversation) {
  const bar = find('#conversation-menu');
  if (!bar) return;
  const isThere = () => !bar.hidden && currentConversation() !== null;
  conversation.addEventListener('begun', () => {
    bar.hidden = !find('#temporary-tag')?.hidden;
  });
  find('[data-share]', bar)?.addEventListener('click', () => openShareDialog(currentConversation()));
  find('[data-more]', bar).addEventListener('click', (event) => openMenu(event.currentTarget, items(bar), { label: t('This conversation') }));
  const group = () => t('This conversation');
  if (find('[data-share]', bar)) {
    registerAction({ id: 'chat.share', group, icon: 'share', label: () => t('Share by link'), when: isThere, run: () => openShareDialog(currentConversation()) });
  }
  registerAction({ id: 'chat.export', group, icon: 'download', label: () => t('Export as Markdown'), when: isThere, run: () => download('markdown') });
  registerAction({ id: 'chat.export-json', group, icon: 'file-text', label: () => t('Export as JSON'), when: isThere, run: () => download('json') });
}

function items(bar) {
  const share = find('[data-share]', bar) ? [{ label: t('Share by link'), icon: 'share', run: () => openShareDialog(currentConversation()) }] : [];
  return [
    ...share,
    { label: t('Export as Markdown'), note: t('To read anywhere'), icon: 'download', run: () => download('markdown') },
    { label: t('Export as JSON'), note: t('Complete, to import again'), icon: 'file-text', run: () => download('json') },
    { label: t('Archive'), icon: 'archive', run: () => runAction('chat.archive') || archive() },
    { label: t('Delete'), icon: 'trash-2', run: () => runAction('chat.delete') || remove() },
  ];
}

function download(format) {
  const link = make('a', { href: `/c/${currentConversation()}/file/?format=${format}`, download: '' });
  document.body.append(link);
  link.click();
  link.remove();
}

// For conversations so old that the side bar does not list them.
async function archive() {
  const path = `/conversations/${currentConversation()}`;
  await told(api('PATCH', path, { is_archived: true }), () => {
    toast(t('It is in the archive.'), { undo: () => api('PATCH', path, { is_archived: false }) });
  });
}

async function remove() {
  if (!(await confirmed(t('Delete this conversation? It can be restored for 30 days.'), t('Delete')))) return;
  await told(api('DELETE', `/conversations/${currentConversation()}`), () => location.assign('/'));
}

async function told(work, done) {
  try {
    await work;
    done();
  } catch (problem) {
    toast(problem.message, { kind: 'failed' });
  }
}

/** This will open the dialog that makes and ends links to a conversation. */
export async function openShareDialog(id) {
  if (!id) return;
  const list = make('ul.list', { 'aria-label': t('Links to this conversation') });
  const said = make('p.errors', { role: 'alert', hidden: true });
  const form = newLinkForm();
  const sheet = make(
    'div.sheet',
    {},
    make('h2', { id: 'share-title' }, t('Share by link')),
    make('p', {}, t('Whoever has the link reads this conversation as it is now, without an account. What you write later is not shown. Thinking and your name stay with you.')),
    form,
    said,
    list,
    make('div.actions', {}, make('button.button.ghost', { type: 'button', 'data-close-dialog': true }, t('Close'))),
  );
  const dialog = make('dialog.share', { 'aria-labelledby': 'share-title' }, sheet);
  dialog.addEventListener('close', () => dialog.remove());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    create(id, form, list, said);
  });
  document.body.append(dialog);
  dialog.showModal();
  await attempt(said, async () => {
    const { results } = await api('GET', `/conversations/${id}/share-links`);
    list.append(...results.map((link) => row(link, said)));
  });
}

function newLinkForm() {
  const choices = EXPIRIES.map((days) => make('option', { value: days, selected: days === USUAL_EXPIRY }, days === 1 ? t('For a day') : t('For {days} days', { days })));
  const expiry = make('select.input', { name: 'expires', 'aria-label': t('How long it lasts') }, ...choices, make('option', { value: '' }, t('Without end')));
  const branches = make('input', { type: 'checkbox', name: 'branches', id: 'share-branches' });
  return make(
    'form.form',
    {},
    make('div.share-choices', {}, expiry, make('label', { for: 'share-branches' }, branches, t('With all branches')), make('button.button.solid', { type: 'submit' }, icon('link'), t('Make a link'))),
  );
}

async function create(id, form, list, said) {
  const button = find('button[type="submit"]', form);
  button.disabled = true;
  await attempt(said, async () => {
    const days = form.elements.expires.value;
    const link = await api('POST', `/conversations/${id}/share-links`, { expires_in_days: days ? Number(days) : null, with_branches: form.elements.branches.checked });
    const made = row(link, said);
    list.prepend(made);
    await copyWith(find('[data-copy-this]', made), link.url, find('input', made));
  });
  button.disabled = false;
}

function row(link, said) {
  const address = make('input.input', { type: 'text', readonly: true, value: link.url, 'aria-label': t('The link'), onfocus: (event) => event.target.select() });
  const copy = make('button.button.small', { type: 'button', 'data-copy-this': true, onclick: (event) => copyWith(event.currentTarget, link.url, address) }, icon('copy'), t('Copy'));
  const revoke = make('button.button.small.danger', { type: 'button', onclick: () => end(link, item, said) }, t('Revoke'));
  const item = make('li', { 'data-link': link.id }, make('div.what', {}, address, make('small', {}, about(link))), make('div.actions', {}, copy, revoke));
  return item;
}

function about(link) {
  const day = (at) => new Date(at).toLocaleDateString(document.documentElement.lang, { day: 'numeric', month: 'long', year: 'numeric' });
  const parts = [t('made on {day}', { day: day(link.created_at) }), link.expires_at ? t('until {day}', { day: day(link.expires_at) }) : t('without end')];
  return [...parts, ...(link.with_branches ? [t('with branches')] : [])].join(' · ');
}

async function end(link, item, said) {
  await attempt(said, async () => {
    await api('DELETE', `/share-links/${link.id}`);
    item.remove();
    toast(t('The link is revoked. Nobody reads it any more.'));
  });
}

async function attempt(said, work) {
  said.hidden = true;
  try {
    await work();
  } catch (problem) {
    said.textContent = problem.message;
    said.hidden = false;
  }
}
