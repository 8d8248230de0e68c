// "Models": what is on its way and what is loaded, kept up to date by events, and by looking while the line is down.
import { fetchPartial } from './chat/fetching.js';
import { announce, find, findAll } from './dom.js';
import { t } from './i18n.js';
import { pageLine } from './line.js';

// Progress is told twice a second; one look at it a second is live enough.
const LOOK_MS = 1000;
const POLL_MS = 4000;
// How memory is used is looked at by the server this often.
const MEMORY_MS = 10_000;
const NEWS = new Set(['model.progress', 'models.changed']);

class Models {
  constructor(shown) {
    this.shown = shown;
    this.socket = pageLine();
    this.socket.addEventListener('frame', ({ detail }) => NEWS.has(detail.type) && this.soon());
    // What ended while the line was down is told no more.
    this.socket.addEventListener('open', () => this.soon());
    this.socket.connect();
    setInterval(() => !this.socket.isOpen && find('[data-live]', this.shown) && this.look(), POLL_MS);
    setInterval(() => find('[data-memory]', this.shown) && this.look(), MEMORY_MS);
    document.addEventListener('visibilitychange', () => this.look());
  }

  /** This will look at most once in a while, and once more after what is told meanwhile. */
  soon() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.look();
    }, LOOK_MS);
  }

  async look() {
    if (document.visibilityState !== 'visible') return;
    if (this.isLooking) {
      this.soon();
      return;
    }
    this.isLooking = true;
    const fresh = await read();
    this.isLooking = false;
    // A question that is open is about a form of the page.
    if (fresh && !find('dialog[open]')) this.#show(fresh);
  }

  #show(fresh) {
    const before = statesOf(this.shown);
    if (namesOf(this.shown) === namesOf(fresh)) for (const row of rowsOf(fresh)) refresh(rowNamed(this.shown, row.dataset.row), row);
    else if (isInUse(this.shown)) this.soon();
    else this.shown.replaceChildren(...document.adoptNode(fresh).childNodes);
    for (const row of rowsOf(this.shown)) {
      const was = before.get(row.dataset.row);
      if (was !== undefined && was !== row.dataset.state && find('.tag', row)) say(row);
    }
  }
}

async function read() {
  try {
    return find('[data-models-page]', new DOMParser().parseFromString(await fetchPartial('/settings/models/'), 'text/html'));
  } catch {
    // The line is down, or somebody signed out: the next look tries again.
    return null;
  }
}

const rowsOf = (page) => findAll('[data-row]', page);
const rowNamed = (page, name) => rowsOf(page).find((row) => row.dataset.row === name);
const namesOf = (page) => rowsOf(page).map((row) => row.dataset.row).join('\n');
const statesOf = (page) => new Map(rowsOf(page).map((row) => [row.dataset.row, row.dataset.state]));

function say(row) {
  const name = find('b', row).firstChild.data.trim();
  const now = row.dataset.state;
  let state = find('.tag', row).textContent;
  if (now === 'loaded') state = t('loaded');
  else if (now === '') state = t('not in memory any more');
  announce(t('{name}: {state}', { name, state }));
}

/** What one is about to press or to copy stays as it is until the next look. */
function isInUse(part) {
  const selection = getSelection();
  return part.contains(document.activeElement) || (!selection.isCollapsed && part.contains(selection.anchorNode));
}

function refresh(row, fresh) {
  const [bar, now] = [row, fresh].map((one) => find('progress', one));
  if (bar && now && row.dataset.state === fresh.dataset.state) {
    // The bar glides and a button that has the focus keeps it: only what changed is written.
    if (now.hasAttribute('value')) Object.assign(bar, { max: now.max, value: now.value });
    find('small', row).textContent = find('small', fresh).textContent;
    return;
  }
  const isSame = row.textContent === fresh.textContent && row.dataset.state === fresh.dataset.state;
  if (!isSame && !isInUse(row)) row.replaceWith(document.adoptNode(fresh));
}

for (const shown of findAll('[data-models-page]')) new Models(shown);
