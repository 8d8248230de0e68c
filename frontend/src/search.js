// Search as one types: in the side bar, on the search page, and for the palette.
import { api } from './api.js';
import { SignedOut, fetchPartial } from './chat/fetching.js';
import { refreshList } from './chat/rail-list.js';
import { announce, find, findAll, icon, make } from './dom.js';
import { nt, t } from './i18n.js';
import { toast } from './toast.js';

// Short enough to feel immediate, long enough that a word is not asked for letter by letter.
const PAUSE_MS = 140;
const RAIL_RESULTS = 20;

/** A search that asks when typing pauses and forgets what was asked before. */
export class Searcher {
  constructor({ limit, onFound, onFailed }) {
    Object.assign(this, { limit, onFound, onFailed });
    this.timer = 0;
    this.request = null;
  }

  ask(text) {
    this.stop();
    if (!text.trim()) return;
    this.timer = setTimeout(() => this.#ask(text), PAUSE_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = null;
  }

  async #ask(text) {
    const request = new AbortController();
    this.request = request;
    try {
      const found = await api('GET', `/search?${new URLSearchParams({ q: text, limit: this.limit })}`, undefined, { signal: request.signal });
      if (this.request === request) this.onFound(found.results, text);
    } catch (error) {
      if (!request.signal.aborted) this.onFailed(error);
    }
  }
}

/** This will write pieces of a text with what matched marked; text never becomes markup. */
export const marked = (pieces) => pieces.map((piece) => (piece.is_match ? make('mark', {}, piece.text) : piece.text));

/** This will wire the field of the side bar and the search page. */
export function installSearch() {
  const form = find('[data-rail-search]');
  if (form) wireRail(form, find('#rail-list'), find('#rail-found'));
  const page = find('[data-search-form]');
  if (page) wirePage(page, find('[data-search-results]'));
  wireArchive(find('[data-archive]'));
}

function wireRail(form, list, found) {
  const input = find('input', form);
  const show = (...children) => {
    list.hidden = true;
    found.hidden = false;
    found.replaceChildren(...children);
  };
  const searcher = new Searcher({
    limit: RAIL_RESULTS,
    onFound: (hits, text) => {
      show(...railHits(hits, text));
      announce(hits.length ? nt('{n} result', '{n} results', hits.length) : t('Nothing found'));
    },
    onFailed: (error) => show(make('p.none', {}, error.message)),
  });
  const clear = () => {
    searcher.stop();
    found.hidden = true;
    list.hidden = false;
  };
  input.addEventListener('input', () => (input.value.trim() ? searcher.ask(input.value) : clear()));
  form.addEventListener('submit', (event) => !input.value.trim() && event.preventDefault());
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && input.value) {
      event.preventDefault();
      event.stopPropagation();
      input.value = '';
      clear();
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      find('.hit, .convo', found.hidden ? list : found)?.focus();
    }
  });
  found.addEventListener('keydown', (event) => walkHits(event, found, input));
}

function walkHits(event, found, input) {
  const hits = findAll('.hit', found);
  const at = hits.indexOf(document.activeElement);
  if (at < 0 || !['ArrowDown', 'ArrowUp', 'Escape'].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === 'ArrowDown') hits[at + 1]?.focus();
  else if (event.key === 'ArrowUp' && at > 0) hits[at - 1].focus();
  else input.focus();
}

function railHits(hits, text) {
  if (!hits.length) return [make('p.none', {}, t('Nothing found. Try fewer words, or only the beginning of one.'))];
  const all = make('a.nav-row', { href: `/search/?${new URLSearchParams({ q: text })}` }, icon('search'), t('All results'));
  return [make('ul.rail-hits', {}, ...hits.map((hit) => make('li', {}, railHit(hit)))), all];
}

function railHit(hit) {
  const title = make('b', { dir: 'auto' }, ...(hit.message ? [hit.conversation.title] : marked(hit.conversation.title_pieces)));
  const archived = hit.conversation.is_archived ? make('small.tag', {}, t('Archived')) : null;
  const words = hit.message ? make('small', { dir: 'auto' }, ...marked(hit.snippet)) : null;
  return make('a.hit', { href: hit.url }, make('span', {}, title, archived), words);
}

function wirePage(form, results) {
  const input = find('input[name="q"]', form);
  let timer = 0;
  let turn = 0;
  const load = async (url) => {
    const mine = ++turn;
    history.replaceState(history.state, '', url);
    results.setAttribute('aria-busy', 'true');
    try {
      const html = await fetchPartial(url);
      if (mine !== turn) return;
      results.replaceChildren(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
      announce(find('[data-search-count]', results)?.textContent ?? find('h2', results)?.textContent ?? '');
    } catch (error) {
      if (mine === turn) results.replaceChildren(failure(error, () => load(url)));
    } finally {
      if (mine === turn) results.removeAttribute('aria-busy');
    }
  };
  const ask = () => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    return load(`/search/${query.size ? `?${query}` : ''}`);
  };
  const soon = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };
  input.addEventListener('input', () => soon(PAUSE_MS));
  form.addEventListener('change', (event) => event.target !== input && soon(0));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    soon(0);
  });
  results.addEventListener('click', async (event) => {
    const more = event.target.closest('[data-more-found]');
    if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    clearTimeout(timer);
    const known = findAll('.found a', results).length;
    await load(more.getAttribute('href'));
    // The button is gone; its place in the order of the page is where one goes on.
    if (document.activeElement === document.body) findAll('.found a', results)[known]?.focus({ preventScroll: true });
  });
}

function failure(error, again) {
  const sentence = error instanceof SignedOut ? t('You are signed out. Reload the page to sign in again.') : t('The search did not come through. Check the network and try again.');
  return make('div.empty', {}, icon('cloud-off'), make('h2', {}, t('No answer')), make('p', {}, sentence), make('button.button', { type: 'button', onclick: again }, t('Try again')));
}

function wireArchive(page) {
  page?.addEventListener('click', async (event) => {
    const back = event.target.closest('[data-unarchive]');
    const more = event.target.closest('[data-more]');
    if (back) takeBack(back.closest('li'));
    if (more) {
      event.preventDefault();
      try {
        const html = await fetchPartial(more.getAttribute('href'));
        more.replaceWith(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
      } catch {
        toast(t('The rest did not come. Try again.'), { kind: 'failed' });
      }
    }
  });
}

async function takeBack(row) {
  const path = `/conversations/${row.dataset.conversation}`;
  const list = find('#rail-list');
  try {
    await api('PATCH', path, { is_archived: false });
  } catch (error) {
    toast(error.message, { kind: 'failed' });
    return;
  }
  const place = row.nextSibling;
  const parent = row.parentElement;
  const title = find('.found-title span', row).textContent;
  row.remove();
  refreshList(list);
  toast(t('“{title}” is back in the list.', { title }), {
    undo: async () => {
      await api('PATCH', path, { is_archived: true });
      parent.insertBefore(row, place);
      refreshList(list);
    },
  });
}
