// The palette: conversations, places and actions under one field, by keyboard or finger.
import { find, findAll, icon, make } from './dom.js';
import { t } from './i18n.js';
import { places } from './places.js';
import { Searcher, marked } from './search.js';
import { keysOf, possibleActions, registerAction, shownKeysOf } from './shortcuts.js';
import { combinationOf, isMac } from './keys.js';

const RESULTS = 8;
const RECENT = 6;
const GROUP_SIZE = 6;

class Palette {
  constructor() {
    this.found = [];
    this.failure = '';
    this.searcher = new Searcher({
      limit: RESULTS,
      onFound: (hits) => {
        this.found = hits;
        this.failure = '';
        this.isWaiting = false;
        this.#draw();
      },
      onFailed: (error) => {
        this.failure = error.message;
        this.isWaiting = false;
        this.#draw();
      },
    });
  }

  toggle() {
    if (this.dialog?.open) this.dialog.close();
    else this.#open();
  }

  #open() {
    this.dialog ??= this.#build();
    this.found = [];
    this.failure = '';
    this.isWaiting = false;
    this.input.value = '';
    this.#draw();
    this.dialog.showModal();
    this.input.focus();
  }

  #build() {
    this.input = make('input', { type: 'text', id: 'ask', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'hits', 'aria-autocomplete': 'list', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'go', maxlength: 400, placeholder: t('Search, go or do'), 'aria-label': t('Search or run a command') });
    this.list = make('div.results.scroll', { id: 'hits', role: 'listbox', 'aria-label': t('Results') });
    this.said = make('div.visually-hidden', { role: 'status', 'aria-live': 'polite' });
    const key = (sign) => make('kbd', {}, sign);
    const foot = make('footer', {}, make('span', {}, key('↑'), key('↓'), t('choose')), make('span', {}, key('↵'), t('open')), make('span', {}, key(isMac ? '⌘' : t('Ctrl')), key('↵'), t('open beside')), make('span', {}, key(t('esc')), t('close')));
    const close = make('button.keys', { type: 'button', onclick: () => dialog.close() }, make('span.visually-hidden', {}, `${t('Close')} `), make('kbd', {}, t('esc')));
    const ask = make('div.ask', {}, icon('search'), this.input, close);
    const dialog = make('dialog.palette', { id: 'palette', 'aria-label': t('Commands') }, make('div.sheet', {}, ask, this.list, foot, this.said));
    document.body.append(dialog);
    this.input.addEventListener('input', () => this.#typed());
    this.input.addEventListener('keydown', (event) => this.#key(event));
    // The field keeps the focus, so the mouse points without taking it.
    this.list.addEventListener('pointermove', (event) => this.#point(event.target.closest('.hit')));
    this.list.addEventListener('click', (event) => this.#clicked(event));
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    dialog.addEventListener('close', () => this.searcher.stop());
    dialog.addEventListener('keydown', (event) => {
      // Just closed, it has the focus until the next frame: then the keys mean to open it again.
      if (!dialog.open || combinationOf(event) !== keysOf(ACTION)) return;
      event.preventDefault();
      event.stopPropagation();
      dialog.close();
    });
    return dialog;
  }

  #typed() {
    const text = this.input.value.trim();
    // What was found for other words would lie under the new ones.
    this.found = this.found.filter((hit) => contains(hit.conversation.title, text));
    this.isWaiting = Boolean(text);
    this.failure = '';
    this.searcher.ask(text);
    this.#draw();
  }

  #draw() {
    const text = this.input.value.trim();
    const groups = [
      [t('Conversations'), this.#conversations(text)],
      [t('Go to'), matching(places(), text, (place) => place.label).map(([place, label]) => entry(place.icon, label, '', { url: place.url }))],
      [t('Do'), matching(possibleActions().filter((action) => action.isListed && action.id !== ACTION.id), text, (action) => action.label()).map(([action, label]) => entry(action.icon, label, shownKeysOf(action), { action }))],
    ].filter(([, entries]) => entries.length);
    const before = this.#chosen?.dataset.key;
    this.list.replaceChildren(...groups.map(([name, entries], at) => groupOf(name, entries.slice(0, text ? GROUP_SIZE + 2 : GROUP_SIZE), at)));
    if (this.failure) this.list.append(make('p.none', { role: 'alert' }, this.failure));
    else if (!groups.length && !this.isWaiting) this.list.append(make('p.none', {}, t('Nothing found. Try fewer words, or only the beginning of one.')));
    const hits = this.#hits;
    hits.forEach((hit, at) => (hit.id = `hit-${at}`));
    this.#point(hits.find((hit) => hit.dataset.key === before && this.#hasMoved) ?? hits[0]);
    this.said.textContent = hits.length || this.isWaiting ? '' : t('Nothing found');
  }

  /** At once what the side bar holds and matches anywhere; then what the server found in titles and messages. */
  #conversations(text) {
    const rows = findAll('#rail-list .row').map((row) => ({ title: find('.convo span', row).textContent, url: find('.convo', row).getAttribute('href'), time: find('time', row)?.textContent ?? '' }));
    const near = matching(rows, text, (row) => row.title).slice(0, text ? 4 : RECENT);
    const entries = near.map(([row, label]) => entry('message-square', label, row.time, { url: row.url }));
    const shown = new Set(near.map(([row]) => row.url));
    for (const hit of this.found) {
      if (!hit.message && shown.has(hit.url)) continue;
      entries.push(entry(hit.message ? 'text-search' : 'message-square', hit.message ? [hit.conversation.title] : marked(hit.conversation.title_pieces), hit.conversation.is_archived ? t('Archived') : day(hit.at), { url: hit.url, words: hit.message ? marked(hit.snippet) : null }));
    }
    return entries;
  }

  get #hits() {
    return findAll('.hit', this.list);
  }

  get #chosen() {
    return find('.hit[aria-selected="true"]', this.list ?? document.createElement('div'));
  }

  #point(hit) {
    if (!hit) {
      this.input.removeAttribute('aria-activedescendant');
      return;
    }
    for (const one of this.#hits) one.setAttribute('aria-selected', String(one === hit));
    this.input.setAttribute('aria-activedescendant', hit.id);
  }

  #key(event) {
    if (event.isComposing) return;
    const hits = this.#hits;
    const at = hits.indexOf(this.#chosen);
    const to = { ArrowDown: hits[(at + 1) % hits.length], ArrowUp: hits.at(at - 1), PageDown: hits[Math.min(at + 6, hits.length - 1)], PageUp: hits[Math.max(at - 6, 0)] }[event.key];
    if (to) {
      event.preventDefault();
      this.#hasMoved = true;
      this.#point(to);
      to.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && hits[at]) {
      event.preventDefault();
      this.#run(hits[at], { isBeside: isMac ? event.metaKey : event.ctrlKey });
    } else this.#hasMoved = false;
  }

  #hasMoved = false;

  #clicked(event) {
    const hit = event.target.closest('.hit');
    if (!hit || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#run(hit, { isBeside: false });
  }

  #run(hit, { isBeside }) {
    const { action, url } = hit.does;
    this.dialog.close();
    if (action) action.run();
    else if (isBeside) open(url, '_blank', 'noopener');
    else location.assign(url);
  }
}

const ACTION = { id: 'palette.open', keys: 'Mod+K', icon: 'terminal', group: () => t('Going around'), label: () => t('Open the command palette'), worksInDialogs: false };

/** This will wire the palette and its keys. */
export function installPalette() {
  const palette = new Palette();
  registerAction({ ...ACTION, run: () => palette.toggle() });
  document.addEventListener('click', (event) => event.target.closest('[data-open-palette]') && palette.toggle());
}

function entry(glyph, label, note, { url = null, action = null, words = null }) {
  const tag = url ? 'a.hit' : 'div.hit';
  const text = make('span', { dir: 'auto' }, ...label);
  const hit = make(tag, { role: 'option', 'aria-selected': 'false', tabindex: '-1', href: url, 'data-key': url ?? action.id }, icon(glyph), words ? make('span.two', {}, text, make('small', { dir: 'auto' }, ...words)) : text, note ? make(action ? 'kbd' : 'small', {}, note) : null);
  hit.does = { url, action };
  return hit;
}

function groupOf(name, entries, at) {
  const id = `palette-group-${at}`;
  return make('div', { role: 'group', 'aria-labelledby': id }, make('div.group', { id, role: 'presentation' }, name), ...entries);
}

const plain = (text) => text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
const contains = (text, part) => plain(text).includes(plain(part));

/** Pairs of a thing and its label as nodes, for those whose label holds all words; those that begin so come first. */
function matching(things, text, labelOf) {
  if (!text) return things.map((thing) => [thing, [labelOf(thing)]]);
  const words = plain(text).split(/\s+/).filter(Boolean);
  return things
    .map((thing) => [thing, labelOf(thing)])
    .filter(([, label]) => words.every((word) => plain(label).includes(word)))
    .sort((a, b) => Number(plain(b[1]).startsWith(words[0])) - Number(plain(a[1]).startsWith(words[0])))
    .map(([thing, label]) => [thing, markWords(label, words)]);
}

function markWords(label, words) {
  const folded = plain(label);
  // Where folding changes the length, places in it are not places in the label.
  if (folded.length !== label.length) return [label];
  const spans = words.map((word) => [folded.indexOf(word), word.length]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0]);
  const nodes = [];
  let end = 0;
  for (const [at, length] of spans) {
    if (at < end) continue;
    nodes.push(label.slice(end, at), make('mark', {}, label.slice(at, at + length)));
    end = at + length;
  }
  nodes.push(label.slice(end));
  return nodes;
}

function day(iso) {
  const at = new Date(iso);
  if (at.toDateString() === new Date().toDateString()) return t('Today');
  const isThisYear = at.getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(document.documentElement.lang, { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) }).format(at);
}
