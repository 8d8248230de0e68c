// "Model servers": which there are and how each is, kept up to date while the page is looked at.
import { fetchPartial } from './chat/fetching.js';
import { announce, find, findAll } from './dom.js';
import { t } from './i18n.js';

// A change is seen while one still thinks of its cause, and an open page costs a request in this time.
const LOOK_MS = 3000;

class Servers {
  constructor(shown) {
    this.shown = shown;
    this.isLooking = false;
    setInterval(() => this.look(), LOOK_MS);
    document.addEventListener('visibilitychange', () => this.look());
  }

  /** This will show how the servers are now; one look at a time, and none while nobody sees the page. */
  async look() {
    if (this.isLooking || document.visibilityState !== 'visible') return;
    this.isLooking = true;
    const fresh = await read();
    this.isLooking = false;
    // A question that is open is about a form of the list.
    if (fresh && !find('dialog[open]')) this.#show(fresh);
  }

  #show(fresh) {
    const before = statesOf(this.shown);
    const known = new Map(rowsOf(this.shown).map((row) => [row.dataset.server, row]));
    const isSame = [...known.keys()].join() === rowsOf(fresh).map((row) => row.dataset.server).join();
    if (!isSame && !isInUse(this.shown)) this.shown.replaceChildren(...document.adoptNode(fresh).childNodes);
    else for (const row of rowsOf(fresh)) refresh(known.get(row.dataset.server), row);
    const changed = [...statesOf(this.shown)].filter(([name, state]) => before.get(name) !== state);
    if (changed.length) announce(changed.map(([name, state]) => t('{name}: {state}', { name, state })).join('. '));
  }
}

async function read() {
  try {
    return find('[data-servers]', new DOMParser().parseFromString(await fetchPartial(location.pathname), 'text/html'));
  } catch {
    // The line is down, or somebody signed out: the next look tries again.
    return null;
  }
}

const rowsOf = (list) => findAll('[data-server]', list);
const statesOf = (list) => new Map(rowsOf(list).map((row) => [find('b', row).firstChild.data.trim(), find('.tag', row).textContent]));

/** What one is about to press or to copy stays as it is until the next look. */
function isInUse(part) {
  const selection = getSelection();
  return part.contains(document.activeElement) || (!selection.isCollapsed && part.contains(selection.anchorNode));
}

function refresh(row, fresh) {
  if (!row) return;
  // The forms' tokens are others each time; what one reads on their buttons is not.
  for (const [part, content] of [['.what', 'innerHTML'], ['.actions', 'textContent']]) {
    const [shown, now] = [row, fresh].map((one) => find(`:scope > ${part}`, one));
    if (shown[content] !== now[content] && !isInUse(shown)) shown.replaceWith(document.adoptNode(now));
  }
}

for (const shown of findAll('[data-servers]')) new Servers(shown);
