// Imports on "Your data": a file chosen or dropped, sent with its progress; exports ordered; jobs followed live.
import { api } from './api.js';
import { refreshList } from './chat/rail-list.js';
import { announce, find, findAll } from './dom.js';
import { t } from './i18n.js';
import { pageLine } from './line.js';
import { upload } from './upload.js';

// The same bound as the server's, said before 200 MB are sent.
const MAX_BYTES = 200 * 1024 * 1024;
// When the line is down, jobs are asked after this often.
const POLL_MS = 4000;

export class Transfers {
  constructor(card) {
    this.card = card;
    this.list = find('[data-transfers]', card);
    this.list.addEventListener('click', (event) => {
      const id = event.target.closest('[data-cancel]')?.dataset.cancel;
      if (id) this.cancel(id);
    });
    this.socket = pageLine();
    this.socket.addEventListener('frame', (event) => event.detail.type === 'transfer.progress' && this.progressed(event.detail));
    this.socket.connect();
    setInterval(() => !this.socket.isOpen && find('[data-live]', this.list) && this.refresh(), POLL_MS);
  }

  progressed({ id, state, total, done, skipped, failed }) {
    const bar = find(`[data-transfer="${id}"] progress`, this.list);
    if (!bar || state !== 'running') {
      this.refresh();
      return;
    }
    if (total) {
      bar.max = total;
      bar.value = done + skipped + failed;
    }
  }

  /** This will show the jobs as the server has them; what is unfolded stays so. */
  async refresh() {
    if (this.isBusy) {
      this.isAgain = true;
      return;
    }
    this.isBusy = true;
    try {
      const response = await fetch(location.pathname, { headers: { Accept: 'text/html' } });
      if (response.ok && !response.redirected) this.#show(new DOMParser().parseFromString(await response.text(), 'text/html'));
    } catch {
      // The line is down: the next event or poll tries again.
    }
    this.isBusy = false;
    if (this.isAgain) {
      this.isAgain = false;
      this.refresh();
    }
  }

  #show(page) {
    const unfolded = new Set(findAll('.transfer:has(details[open])', this.list).map((row) => row.dataset.transfer));
    const before = new Map(findAll('.transfer', this.list).map((row) => [row.dataset.transfer, row.dataset.state]));
    const rows = findAll('[data-transfers] > .transfer', page).map((row) => document.adoptNode(row));
    this.list.replaceChildren(...rows);
    for (const row of rows) {
      const details = find('details', row);
      if (details && unfolded.has(row.dataset.transfer)) details.open = true;
      if (before.has(row.dataset.transfer) && before.get(row.dataset.transfer) !== row.dataset.state) this.#changed(row);
    }
    // The first import brings something to export.
    find('[data-export-about]')?.replaceChildren(...find('[data-export-about]', page).childNodes);
    if (find('[data-export]')) find('[data-export]').disabled = find('[data-export]', page).disabled;
    find('[data-no-transfers]', this.card).hidden = rows.length > 0;
  }

  #changed(row) {
    announce(row.innerText.replace(/\s+/g, ' '));
    const rail = find('#rail-list');
    if (rail) refreshList(rail);
  }

  async cancel(id) {
    await api('POST', `/transfers/${id}/cancel`).catch((problem) => announce(problem.message));
    await this.refresh();
  }
}

export class Upload {
  constructor(card, transfers) {
    Object.assign(this, { card, transfers });
    this.drop = find('[data-drop]', card);
    this.input = find('input[type="file"]', card);
    this.error = find('[data-import-error]', card);
    find('[data-choose]', card).addEventListener('click', () => this.input.click());
    this.input.addEventListener('change', () => this.#take(this.input.files));
    find('[data-stop-upload]', card).addEventListener('click', () => this.sent?.abort());
    this.#wireDrop();
  }

  #wireDrop() {
    const over = (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes('Files')) return;
      event.preventDefault();
      this.drop.dataset.over = '';
    };
    // Anywhere on the page: a near miss would open the file in place of the page.
    addEventListener('dragover', over);
    addEventListener('dragleave', (event) => event.relatedTarget === null && delete this.drop.dataset.over);
    addEventListener('drop', (event) => {
      delete this.drop.dataset.over;
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.#take(event.dataTransfer.files);
    });
  }

  #take(files) {
    const [file] = files;
    if (!file || this.sent) return;
    if (file.size > MAX_BYTES) this.#say(t('An import may have 200 MB at most. Split the export, or leave its pictures out.'));
    else if (file.size === 0) this.#say(t('This file is empty.'));
    else this.#send(file);
  }

  async #send(file) {
    const bar = find('progress', this.drop);
    this.#busy(true);
    try {
      this.sent = upload('/api/v1/imports', file, (share) => {
        bar.value = share;
      });
      await this.sent;
      this.#over('');
      announce(t('The file has arrived and is being imported.'));
      this.transfers.refresh();
    } catch (problem) {
      this.#over(problem.message);
    }
  }

  #over(sentence) {
    this.sent = null;
    this.input.value = '';
    this.#busy(false);
    this.#say(sentence);
  }

  #busy(isBusy) {
    find('.drop-progress', this.drop).hidden = !isBusy;
    find('progress', this.drop).value = 0;
    find('[data-choose]', this.drop).hidden = isBusy;
    if (isBusy) this.#say('');
  }

  #say(sentence) {
    this.error.textContent = sentence;
    this.error.hidden = !sentence;
  }
}
