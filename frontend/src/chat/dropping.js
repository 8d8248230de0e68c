// Files dropped anywhere on the chat page, and long or pictured pastes into the field.
import { find, icon, make } from '../dom.js';
import { t } from '../i18n.js';
import { LONG_PASTE_LENGTH, MAX_TEXT_BYTES } from './attachment-limits.js';

/** This will take files dropped anywhere over `area`, with a veil that says what may be dropped. */
export function acceptDrops(area, attachments) {
  const veil = make(
    'div.drop-veil',
    { hidden: true, 'aria-hidden': 'true' },
    make('div', {}, icon('paperclip'), make('b', {}, t('Drop to attach')), make('small', {}, t('Images up to 20 MB, text files up to 2 MB'))),
  );
  area.append(veil);
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  area.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    veil.hidden = false;
  });
  area.addEventListener('dragleave', (event) => {
    if (!area.contains(event.relatedTarget)) veil.hidden = true;
  });
  addEventListener('dragend', () => {
    veil.hidden = true;
  });
  area.addEventListener('drop', (event) => {
    veil.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    attachments.add([...event.dataTransfer.files]);
    find('#prompt').focus();
  });
}

/** This will attach pasted files, and a long pasted text as a file; with Shift held down it stays text. */
export function acceptPastes(field, attachments) {
  let isPlain = false;
  field.addEventListener('keydown', (event) => {
    isPlain = event.shiftKey;
  });
  field.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData('text/plain') ?? '';
    // Spreadsheets put a picture of the cells beside their text: the text is meant.
    if (files.length && !text) {
      event.preventDefault();
      attachments.add(files);
    } else if (text.length > LONG_PASTE_LENGTH && !isPlain) attachText(event, text, attachments);
  });
}

function attachText(event, text, attachments) {
  const file = new File([text], nameFor(attachments.files), { type: 'text/plain' });
  // Too long for a file as well: the field and the server say what to do.
  if (file.size > MAX_TEXT_BYTES) return;
  event.preventDefault();
  attachments.add([file], { pasted: text });
}

function nameFor(files) {
  const taken = new Set(files.map((file) => file.name));
  let name = t('Pasted text.txt');
  for (let count = 2; taken.has(name); count += 1) name = t('Pasted text {count}.txt', { count });
  return name;
}
