// Dialogs: open, close, and forms that ask before they act.
import { find, make } from './dom.js';
import { t } from './i18n.js';

/** This will wire `data-dialog="id"`, `data-close-dialog`, `data-confirm="Sentence."` on a form or its button and `[data-submit-on-change]`. */
export function installDialogs() {
  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-dialog]');
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    else if (event.target.closest('[data-close-dialog]')) event.target.closest('dialog')?.close();
    // A click on the backdrop lands on the dialog itself, outside of its box.
    else if (event.target instanceof HTMLDialogElement && isOutside(event, event.target)) event.target.close();
  });
  document.addEventListener('submit', askFirst, true);
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-submit-on-change]')) event.target.form?.requestSubmit();
  });
  find('dialog[data-open-now]')?.showModal();
}

function isOutside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

async function askFirst(event) {
  const form = event.target;
  const sentence = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!sentence || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopPropagation();
  const submitter = event.submitter;
  if (!(await confirmed(sentence, form.dataset.confirmButton ?? submitter?.textContent.trim() ?? t('Go on')))) return;
  form.dataset.confirmed = 'yes';
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
}

/** This will ask one question and resolve to whether it was answered with the named button. */
export function confirmed(sentence, label) {
  const [question, ...rest] = sentence.split(/(?<=[?.])\s+/);
  const yes = make('button.button.danger', { value: 'yes', autofocus: true }, label);
  const dialog = make(
    'dialog',
    { 'aria-labelledby': 'confirm-question' },
    make(
      'form',
      { method: 'dialog' },
      make('h2', { id: 'confirm-question' }, question),
      rest.length ? make('p', {}, rest.join(' ')) : null,
      make('div.actions', {}, make('button.button.ghost', { value: '' }, t('Cancel')), yes),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
