// "All settings": found while one types, saved without leaving the page, kept up to date when another owner changes one.
import { announce, find, findAll } from './dom.js';
import { nt, t } from './i18n.js';
import { pageLine } from './line.js';
import { registerAction } from './shortcuts.js';
import { toast } from './toast.js';

// Settings that change together are looked up once, and still within the second in which others see a change.
const DEBOUNCE_MS = 100;
// Long enough to have finished a word before a screen reader counts what is left.
const SAID_AFTER_MS = 600;

class Settings {
  constructor(shown) {
    this.shown = shown;
    this.saving = new Set();
    shown.addEventListener('submit', (event) => this.#submit(event));
    shown.addEventListener('input', (event) => this.#edited(event.target));
    shown.addEventListener('change', (event) => this.#chosen(event.target));
    for (const row of rowsOf(shown)) equip(row);
    this.socket = pageLine();
    this.socket.addEventListener('frame', (event) => event.detail.type === 'setting.changed' && this.#lookSoon());
    // What changed before the line was up is told by nobody.
    this.socket.addEventListener('open', () => this.#lookSoon());
    this.socket.connect();
  }

  #edited(input) {
    const row = input.closest('[data-setting]');
    if (row) find('[data-save]', row).hidden = isAsStored(row);
  }

  /** A switch or a choice is made by one movement: nothing is left to confirm. */
  #chosen(input) {
    if (input.matches('[role="switch"], select')) input.form.requestSubmit();
  }

  async #submit(event) {
    const form = event.target.closest('[data-setting-form]');
    if (!form) return;
    event.preventDefault();
    const row = form.closest('[data-setting]');
    const name = row.dataset.setting;
    // The second of a double click.
    if (this.saving.has(name)) return;
    this.saving.add(name);
    row.setAttribute('aria-busy', 'true');
    try {
      this.#answered(name, await send(form));
    } catch (problem) {
      toast(problem.message, { kind: 'failed' });
      row.removeAttribute('aria-busy');
      form.reset();
      this.#edited(form);
    }
    this.saving.delete(name);
  }

  #answered(name, page) {
    const row = rowNamed(this.shown, name);
    const fresh = rowNamed(page, name);
    if (!fresh) throw new Error(t('The server answered something else. Reload the page.'));
    const isWrong = find('.errors', fresh) !== null;
    const hasChanged = fresh.dataset.version !== row.dataset.version;
    const shown = replace(row, fresh);
    if (isWrong) {
      find('[data-save]', shown).hidden = isAsStored(shown);
      inputOf(shown).focus();
    } else if (hasChanged) toast(shown.dataset.now, { undo: () => this.#undo(name, shown.dataset.version) });
  }

  /** This will take back the change the toast spoke of; what somebody changed since is refused in words, not taken back. */
  async #undo(name, version) {
    const form = find('[data-undo]', rowNamed(this.shown, name));
    form.elements.version.value = version;
    form.requestSubmit();
  }

  #lookSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), DEBOUNCE_MS);
  }

  /** This will show what others changed; a row that is being edited stays, and its saving is refused in words. */
  async look() {
    let page;
    try {
      page = await read(location.pathname);
    } catch {
      // The line is down, or somebody signed out: the next news tries again.
      return;
    }
    for (const row of rowsOf(this.shown)) {
      const fresh = rowNamed(page, row.dataset.setting);
      if (!fresh || fresh.dataset.version === row.dataset.version || this.saving.has(row.dataset.setting)) continue;
      if (isAsStored(row)) replace(row, fresh);
      if (fresh.dataset.mine === undefined) toast(t('Changed by somebody else: {setting}', { setting: fresh.dataset.now }), { kind: 'note' });
    }
  }
}

class Search {
  constructor(form, shown) {
    Object.assign(this, { form, shown, input: form.elements.q, none: find('[data-none]') });
    find('[data-search-button]', form).hidden = true;
    form.addEventListener('submit', (event) => event.preventDefault());
    this.input.addEventListener('input', () => this.show());
    this.input.addEventListener('keydown', (event) => this.#key(event));
    find('[data-show-all]').addEventListener('click', (event) => {
      // A search by the server left the others out.
      if (location.search) return;
      event.preventDefault();
      this.#clear();
    });
    registerAction({ id: 'settings.find', group: () => t('Going around'), icon: 'search', label: () => t('Search settings'), keys: '/', run: () => this.input.select() });
  }

  show() {
    // As the server folds what it compares: the same in every language, and ß is ss.
    const words = this.input.value.toLowerCase().replaceAll('ß', 'ss').split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of findAll('[data-words]', this.shown)) {
      row.hidden = !words.every((word) => row.dataset.words.includes(word));
      count += row.hidden ? 0 : 1;
    }
    for (const section of findAll('[data-section]', this.shown)) section.hidden = !find('[data-words]:not([hidden])', section);
    this.none.hidden = count > 0;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => announce(nt('{n} setting', '{n} settings', count)), SAID_AFTER_MS);
  }

  #key(event) {
    if (event.key === 'Escape' && this.input.value) {
      event.preventDefault();
      this.#clear();
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      const first = findAll('[data-words]:not([hidden]) :is([name="value"], a)', this.shown)[0];
      if (!first) return;
      event.preventDefault();
      first.focus();
    }
  }

  #clear() {
    this.input.value = '';
    this.show();
    this.input.focus();
  }
}

const rowsOf = (root) => findAll('[data-setting]', root);
const rowNamed = (root, name) => rowsOf(root).find((row) => row.dataset.setting === name);
const inputOf = (row) => find('[data-setting-form] [name="value"]', row);

/** Only what one types waits for a button, and that only once there is something to save. */
function equip(row) {
  const save = find('[data-save]', row);
  if (save) save.hidden = !find('.errors', row);
}

function isAsStored(row) {
  const input = inputOf(row);
  if (input.type === 'checkbox') return input.checked === input.defaultChecked;
  if (input instanceof HTMLSelectElement) return [...input.options].every((option) => option.selected === option.defaultSelected);
  return input.value === input.defaultValue;
}

function replace(row, fresh) {
  const active = document.activeElement;
  const place = row.contains(active) ? focusables(row).indexOf(active) : -1;
  const shown = document.adoptNode(fresh);
  shown.hidden = row.hidden;
  row.replaceWith(shown);
  equip(shown);
  if (place >= 0) (focusables(shown)[place] ?? inputOf(shown)).focus();
  return shown;
}

const focusables = (row) => findAll('input:not([type="hidden"]), select, textarea, button, a', row);

async function send(form) {
  const body = new FormData(form);
  // The answer is read for this row, which a search by the server might leave out by its new value.
  body.delete('q');
  const response = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'text/html' } });
  return pageOf(response, [409, 422]);
}

async function read(url) {
  return pageOf(await fetch(url, { headers: { Accept: 'text/html' } }), []);
}

async function pageOf(response, expected) {
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  if ((response.ok || expected.includes(response.status)) && find('[data-settings]', page)) return page;
  if (response.status === 429) throw new Error(t('You ask too often. Wait a little, then try again.'));
  throw new Error(t('The server answered something else. Reload the page.'));
}

const shown = find('[data-settings]');
new Settings(shown);
new Search(find('[data-settings-search]'), shown);
