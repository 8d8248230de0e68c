// The Services pages: kept up to date while they are looked at; Add, Ignore, Test and Scan now without a reload.
import { showTroubled } from './alerts.js';
import { api } from './api.js';
import { fetchPartial } from './chat/fetching.js';
import { announce, find, findAll } from './dom.js';
import { t } from './i18n.js';
import { pageLine } from './line.js';
import { installScanTime } from './scan-time.js';
import { show } from './services-view.js';
import { toast } from './toast.js';

// Several changes of one scan come together; one look shows them all.
const GATHER_MS = 150;
// When the line is down, and for what no event tells.
const POLL_MS = 4000;
// Longer than a line needs to come back after a sleep or a restart.
const DOWN_MS = 3000;

class Services {
  constructor(shown) {
    this.shown = shown;
    this.isLooking = this.isAgain = false;
    this.#listen();
    addEventListener('submit', (event) => this.#submitted(event));
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.look());
    const every = Number(shown.dataset.every ?? 0);
    if (every) setInterval(() => this.look(), every);
    setInterval(() => !this.socket.isOpen && this.look(), POLL_MS);
  }

  #listen() {
    this.socket = pageLine();
    this.socket.addEventListener('frame', ({ detail }) => this.#heard(detail));
    this.socket.addEventListener('open', () => this.#line(true));
    this.socket.addEventListener('down', () => this.#line(false));
    this.socket.connect();
  }

  #heard(frame) {
    if (frame.type === 'discovery.progress') this.#progress(frame);
    else if (frame.type === 'discovery.changed') this.soon();
  }

  #progress(frame) {
    this.progress = frame;
    if (!find('[data-running] progress', this.shown)) this.soon();
    this.#bars();
  }

  /** How far a scan is comes by events alone: the server's own page of it does not know. */
  #bars() {
    for (const part of findAll(`[data-running="${this.progress?.scan}"]`, this.shown)) {
      const bar = find('progress', part);
      bar.max = Math.max(this.progress.total, 1);
      bar.value = this.progress.done;
      const count = find('[data-count]', part);
      if (count) count.textContent = t('{done} of {total} places', { done: this.progress.done, total: this.progress.total });
    }
  }

  /** What happened before the line was up is asked for; that it is down is said only if it stays so. */
  #line(isUp) {
    clearTimeout(this.down);
    const notice = find('[data-offline]');
    if (isUp) {
      if (notice) notice.hidden = true;
      this.soon();
    } else {
      this.down = setTimeout(() => {
        if (notice) notice.hidden = false;
      }, DOWN_MS);
    }
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), GATHER_MS);
  }

  /** This will show how it is now; one look at a time, and none while nobody sees the page or a question is open. */
  async look() {
    if (document.visibilityState !== 'visible') return;
    if (find('dialog[open]')) return this.soon();
    if (this.isLooking) {
      this.isAgain = true;
      return;
    }
    this.isLooking = true;
    const fresh = await read();
    this.isLooking = false;
    if (fresh) {
      const said = show(this.shown, document.adoptNode(fresh));
      this.#bars();
      if (said.length) announce(said.join('. '));
    }
    if (this.isAgain) {
      this.isAgain = false;
      this.soon();
    }
  }

  async #submitted(event) {
    const form = event.target;
    if (form.matches('[data-most-bytes]') && isTooLarge(form)) event.preventDefault();
    if (event.defaultPrevented || !form.matches('form[data-act], form[data-scan]')) return;
    event.preventDefault();
    const buttons = findAll('button', form);
    // The keyboard asks past a button that waits.
    if (buttons.some((button) => button.disabled)) return;
    for (const button of buttons) button.disabled = true;
    try {
      await (form.matches('[data-scan]') ? scan() : act(form, this));
    } catch (problem) {
      toast(problem.message, { kind: 'failed' });
    }
    for (const button of buttons) button.disabled = false;
    for (const input of findAll('input[type="password"]', form)) input.value = '';
    await this.look();
  }
}

/** The server would refuse it too, after all of it was sent. */
function isTooLarge(form) {
  const most = Number(form.dataset.mostBytes);
  const isSo = form.elements.file.files[0]?.size > most;
  if (isSo) toast(t('The file is larger than {n} MB.', { n: most / 1024 / 1024 }), { kind: 'failed' });
  return isSo;
}

async function read() {
  try {
    const page = new DOMParser().parseFromString(await fetchPartial(location.pathname + location.search), 'text/html');
    showTroubled(Number(find('[data-troubled] [data-number]', page)?.textContent ?? 0));
    return find('[data-services]', page);
  } catch {
    // The line is down, or somebody signed out: the next look tries again.
    return null;
  }
}

async function scan() {
  await api('POST', '/scans', {});
  announce(t('The scan has begun.'));
}

async function act(form, page) {
  const { act: verb, id } = form.dataset;
  const name = find('h4 > span, b', form.closest('[data-service]')).textContent.trim();
  const key = form.elements.api_key?.value;
  const service = await api('POST', `/services/${id}/${verb}`, key ? { api_key: key } : verb === 'accept' ? {} : undefined);
  if (verb === 'test') {
    announce(t('{name} is being tested.', { name }));
    return;
  }
  if (form.dataset.changesKey !== undefined) {
    toast(t('{name} has another key now.', { name }));
    return;
  }
  toast(sentenceOf(verb, name), { undo: service?.may_undo === false ? null : () => takeBack(id, page) });
}

async function takeBack(id, page) {
  await api('POST', `/services/${id}/undo`);
  await page.look();
}

function sentenceOf(verb, name) {
  if (verb === 'accept') return t('{name} is added and can be used at once.', { name });
  if (verb === 'ignore') return t('{name} is ignored from now on.', { name });
  return t('{name} is proposed again.', { name });
}

installScanTime();
for (const shown of findAll('[data-services]')) new Services(shown);
