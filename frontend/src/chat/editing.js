// Editing an own message in place; sending it makes a sibling branch.
import { find, make } from '../dom.js';
import { t } from '../i18n.js';

/** This will open the editor in the turn and resolve to the new text, or null if it was left. */
export function editTurn(turn) {
  const bubble = find('.bubble', turn);
  const field = make('textarea', { 'aria-label': t('Edit your message'), rows: '1' });
  field.value = bubble.textContent;
  const form = make(
    'form.edit',
    {},
    field,
    make(
      'div.actions',
      {},
      make('button.button.ghost.small', { type: 'button' }, t('Cancel')),
      make('button.button.solid.small', { type: 'submit' }, t('Send')),
    ),
  );
  turn.dataset.editing = '';
  bubble.after(form);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  return new Promise((resolve) => {
    const close = (text) => {
      form.remove();
      delete turn.dataset.editing;
      resolve(text && text !== bubble.textContent ? text : null);
    };
    find('[type="button"]', form).addEventListener('click', () => close(null));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      close(field.value.trim());
    });
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        // Escape also stops answers; here it only leaves the editor.
        event.stopPropagation();
        close(null);
      } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
  });
}
