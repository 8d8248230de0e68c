// What a model was given for one answer, part by part.
import { api } from '../api.js';
import { icon, make } from '../dom.js';
import { nt, t } from '../i18n.js';

const NAMES = {
  system: () => t('System prompt'),
  project: () => t('Instructions of the project'),
  file: () => t('File'),
  history: () => t('What was said before'),
  attachments: () => t('Attached files'),
  question: () => t('The message'),
};

/** This will show the prompt of an answer in a dialog. */
export async function showPrompt(messageId) {
  const body = make('div.prompt-parts', {}, make('div.skeleton', { 'aria-hidden': 'true' }, make('i'), make('i'), make('i')));
  const dialog = make(
    'dialog.prompt-dialog',
    { 'aria-labelledby': 'prompt-dialog-title' },
    make(
      'div.sheet',
      {},
      make('h2', { id: 'prompt-dialog-title', tabindex: '-1', autofocus: true }, t('What the model was given')),
      body,
      make('div.actions', {}, make('button.button', { type: 'button', 'data-close-dialog': '' }, t('Close'))),
    ),
  );
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  try {
    body.replaceChildren(...(await partsOf(messageId)));
  } catch (error) {
    const again = make('button.button.small', { type: 'button', onclick: () => dialog.close() || showPrompt(messageId) }, t('Try again'));
    body.replaceChildren(make('div.notice', { 'data-kind': 'error', role: 'alert' }, icon('circle-alert'), make('p', {}, error.message), again));
  }
}

async function partsOf(messageId) {
  const prompt = await api('GET', `/messages/${messageId}/prompt`);
  const { model, used = 0, context_length: length = 0, left_out_count: leftOut = 0, reserved_for_answer: reserved = 0 } = prompt;
  const lead = length
    ? t('{used} of {length} tokens, {reserved} more kept free for the answer.', { used: format(used), length: format(length), reserved: format(reserved) })
    : t('{used} tokens.', { used: format(used) });
  return [
    make('p', {}, model ? make('b', {}, model) : null, model ? ' · ' : null, lead),
    length ? make('progress.meter', { value: String(used), max: String(length), 'aria-label': t('How full the model’s memory was') }) : null,
    make('ol', {}, ...(prompt.parts ?? []).map((part) => partRow(part))),
    leftOut ? make('p.caption', {}, icon('info', 's'), leftOutSentence(leftOut)) : null,
  ].filter(Boolean);
}

function partRow(part) {
  const { kind, label, token_count: tokens = 0, message_count: messages, is_cut: isCut, text } = part;
  const notes = [messages ? nt('{n} message', '{n} messages', messages) : '', isCut ? t('cut to fit') : ''].filter(Boolean).join(', ');
  const name = label || (NAMES[kind]?.() ?? kind);
  const words = make('span.what', {}, make('b', {}, name), notes ? make('small', {}, notes) : null);
  const count = make('span.took', {}, nt('{n} token', '{n} tokens', tokens));
  if (!text) return make('li.part', {}, words, count);
  const shown = make('div.detail', { tabindex: '0', role: 'group', 'aria-label': name }, text);
  return make('li.part', {}, make('details', {}, make('summary', {}, words, count, icon('chevron-right', 's chev')), shown));
}

function leftOutSentence(count) {
  return nt('The first message did not fit and was left out.', 'The first {n} messages did not fit and were left out.', count);
}

const format = (number) => new Intl.NumberFormat(document.documentElement.lang || undefined).format(number);
