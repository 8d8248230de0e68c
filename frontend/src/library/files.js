// A project's files: chosen or dropped, sent one after another with their progress, removed after a question.
import { api } from '../api.js';
import { confirmed } from '../dialogs.js';
import { announce, find, icon, make } from '../dom.js';
import { t } from '../i18n.js';
import { toast } from '../toast.js';
import { upload } from '../upload.js';

const MAX_BYTES = 2 * 1024 * 1024;

/** This will wire the card of files (`data-files` is where they are sent). */
export function installFiles() {
  const card = find('[data-files]');
  if (!card) return;
  card.addEventListener('click', (event) => {
    const button = event.target.closest('[data-remove-file]');
    if (button) remove(card, button.closest('li'));
  });
  const drop = find('[data-drop]', card);
  if (drop) acceptFiles(card, drop);
}

function acceptFiles(card, drop) {
  const chooser = find('input[type="file"]', drop);
  find('[data-choose]', drop).addEventListener('click', () => chooser.click());
  chooser.addEventListener('change', () => {
    sendAll(card, [...chooser.files]);
    chooser.value = '';
  });
  for (const name of ['dragover', 'dragleave', 'drop']) {
    card.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      drop.toggleAttribute('data-over', name === 'dragover');
      if (name === 'drop') sendAll(card, [...event.dataTransfer.files]);
    });
  }
}

async function sendAll(card, files) {
  for (const file of files) await send(card, file);
}

async function send(card, file) {
  const list = find('[data-file-list]', card);
  if (file.size > MAX_BYTES) {
    toast(t('{name} is larger than 2 MB. Add the part that matters.', { name: file.name }), { kind: 'failed' });
    return;
  }
  const progress = make('progress.meter', { max: '1', value: '0', 'aria-label': t('Sending {name}', { name: file.name }) });
  const row = make('li', {}, make('div.what', {}, make('b', {}, file.name), progress));
  list.hidden = false;
  list.prepend(row);
  try {
    const sent = upload(card.dataset.files, file, (share) => {
      progress.value = share;
    });
    row.replaceWith(rowOf(await sent));
    announce(t('{name} was added', { name: file.name }));
  } catch (error) {
    row.remove();
    list.hidden = !list.childElementCount;
    toast(`${file.name}: ${error.message}`, { kind: 'failed' });
  }
}

function rowOf({ id, name, size_bytes: size, url }) {
  const link = make('a', { href: url, target: '_blank', rel: 'noopener' }, name);
  const button = make('button.icon-button', { type: 'button', 'data-remove-file': true, 'aria-label': t('Remove {name}', { name }) }, icon('trash-2'));
  return make('li', { 'data-file': id }, make('div.what', {}, make('b', {}, link), make('small', {}, sizeInWords(size))), button);
}

function sizeInWords(bytes) {
  const isSmall = bytes < 1024 * 1024;
  const format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1, style: 'unit', unit: isSmall ? 'kilobyte' : 'megabyte' });
  return format.format(bytes / (isSmall ? 1024 : 1024 * 1024));
}

async function remove(card, row) {
  const name = find('b', row).textContent;
  if (!(await confirmed(t('Remove {name} from the project? The next message no longer has it.', { name }), t('Remove')))) return;
  try {
    await api('DELETE', `${card.dataset.files}/${row.dataset.file}`);
    row.remove();
    const list = find('[data-file-list]', card);
    list.hidden = !list.childElementCount;
    announce(t('{name} was removed', { name }));
    (find('[data-remove-file]', card) ?? find('[data-choose]', card)).focus();
  } catch (error) {
    toast(error.message, { kind: 'failed' });
  }
}
