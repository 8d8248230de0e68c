// The list of conversations in the side bar: fetched anew when something changed, and further as one scrolls.
import { find, findAll, make } from '../dom.js';
import { fetchPartial } from './fetching.js';

// Several changes come together: an answer's end, its title, the next one's start.
const GATHER_MS = 150;
// The server gives no longer list at once; what is below loads again when it is reached.
const MOST_ROWS = 300;
const FIRST_ROWS = 60;

/** This will name the conversation of this page, or null. */
export const currentConversation = () => /^\/c\/([0-9a-f-]{36})\//.exec(location.pathname)?.[1] ?? null;

export class RailList {
  /** `current` gives the page's conversation; `onTitle` gets its title as the list has it. */
  constructor(list, current, onTitle) {
    Object.assign(this, { list, current, onTitle });
    this.timer = 0;
  }

  refreshSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#refresh(), GATHER_MS);
  }

  async #refresh() {
    if (!(await refreshList(this.list, this.current()))) return;
    const title = find('.convo[aria-current="page"] span', this.list)?.textContent;
    if (title) this.onTitle(title);
  }
}

let refreshing = 0;

/** This will fetch the list anew, as long as it is now, and keep the place in it; tells whether it could. */
export async function refreshList(list, current = currentConversation()) {
  const turn = ++refreshing;
  const rows = Math.min(MOST_ROWS, Math.max(FIRST_ROWS, findAll('.row:not([data-pinned])', list).length));
  const query = new URLSearchParams({ rows, ...(current ? { current } : {}) });
  let parts;
  try {
    parts = parsed(await fetchPartial(`/rail/?${query}`));
  } catch {
    // The list is a convenience; the next change fetches it again.
    return false;
  }
  // A later request has the newer list; a name that is being written is not taken away.
  if (turn !== refreshing || find('.renaming', list)) return false;
  const focused = document.activeElement?.closest?.('#rail-list .row')?.dataset.conversation;
  const isOnButton = document.activeElement?.matches?.('[data-row-menu]');
  const top = list.scrollTop;
  list.replaceChildren(...parts);
  list.scrollTop = top;
  if (focused) find(`.row[data-conversation="${CSS.escape(focused)}"] ${isOnButton ? '[data-row-menu]' : '.convo'}`, list)?.focus({ preventScroll: true });
  watch(list);
  return true;
}

const parsed = (html) => new DOMParser().parseFromString(html, 'text/html').body.childNodes;

let observer = null;

/** This will load more rows whenever the end of the list comes near. */
export function growList(list) {
  observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && grow(list), { root: list, rootMargin: '600px 0px' });
  watch(list);
}

function watch(list) {
  observer?.disconnect();
  const end = find('.more', list);
  if (end) observer?.observe(end);
}

async function grow(list) {
  const end = find('.more', list);
  if (!end || end.dataset.loading !== undefined) return;
  end.dataset.loading = '';
  try {
    const current = currentConversation();
    const html = await fetchPartial(`/rail/?${new URLSearchParams({ after: end.dataset.after, ...(current ? { current } : {}) })}`);
    if (!end.isConnected) return;
    append(list, end, make('div', {}, ...parsed(html)));
    watch(list);
  } catch {
    // Scrolling here again asks again.
    delete end.dataset.loading;
  }
}

/** The first day of what came may be the last one there is: its rows join. */
function append(list, end, more) {
  const last = findAll('.day', list).at(-1);
  const first = find('.day', more);
  if (last && first && find('h2', last).textContent === find('h2', first).textContent) {
    find('ul', last).append(...findAll('.row', first));
    first.remove();
  }
  // A conversation that moved up meanwhile is in the list already.
  for (const row of findAll('.row', more)) if (find(`.row[data-conversation="${CSS.escape(row.dataset.conversation)}"]`, list)) row.remove();
  end.replaceWith(...more.childNodes);
}
