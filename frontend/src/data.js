// "Your data": import, export, jobs, links.
import { api } from './api.js';
import { copyWith } from './copy.js';
import { find, findAll } from './dom.js';
import { t } from './i18n.js';
import { toast } from './toast.js';
import { Transfers, Upload } from './transfer.js';

const transfers = new Transfers(find('#transfers'));
new Upload(find('#import-card'), transfers);

find('#export-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const said = find('[data-export-error]', form);
  const button = find('button[type="submit"]', form);
  said.hidden = true;
  button.disabled = true;
  try {
    await api('POST', '/exports', { format: form.elements.format.value, project: form.elements.project?.value || null });
    await transfers.refresh();
  } catch (problem) {
    said.textContent = problem.message;
    said.hidden = false;
  }
  button.disabled = false;
});

for (const button of findAll('[data-copy-link]')) button.addEventListener('click', () => copyWith(button, button.dataset.copyLink, null));
for (const button of findAll('[data-revoke]')) {
  button.addEventListener('click', async () => {
    try {
      await api('DELETE', `/share-links/${button.dataset.revoke}`);
      button.closest('li').remove();
      toast(t('The link is revoked. Nobody reads it any more.'));
    } catch (problem) {
      toast(problem.message, { kind: 'failed' });
    }
  });
}
