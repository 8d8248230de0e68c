// The part of a long conversation that is on the page: more of it comes as one scrolls, what is far away goes.
import { find } from '../dom.js';
import { t } from '../i18n.js';
import { depthOf, messageOf, readTurns, takeWindow } from './entries.js';
import { keepPlace, settleAt } from './place.js';

// Turns on the page at once: four times what a window brings, so that going back a little fetches nothing.
const MOST_ENTRIES = 120;
// As long as the animation that shows the mark and takes it away.
const MARKED_MS = 2400;

export class Window extends EventTarget {
  // Events: "changed" after any change of what is shown, "failed" {error}.
  /** `fetchTurns(parameters)` resolves to the HTML of a window. */
  constructor({ scroller, thread, pin, fetchTurns }) {
    super();
    Object.assign(this, { scroller, thread, pin, fetchTurns });
    this.place = { total: 0, leaf: null, hasBefore: false, hasAfter: false, isAside: false, ...takeWindow(thread.list) };
    this.work = Promise.resolve();
    this.loading = new Set();
    this.edges = { before: find('[data-edge="before"]', scroller), after: find('[data-edge="after"]', scroller) };
    // Half a screen ahead, so that reading on seldom waits.
    this.watcher = new IntersectionObserver((seen) => this.#seen(seen), { root: scroller, rootMargin: '50% 0px' });
    this.#showEdges();
  }

  get isAtNewest() {
    return !this.place.hasAfter;
  }

  get total() {
    return Math.max(this.place.total, (depthOf(this.thread.entries().at(-1)) ?? -1) + 1);
  }

  /** This will take the branch shown as the one being read. */
  readHere() {
    this.place.isAside = false;
    this.#showEdges();
  }

  /** This will do one change of the list after another; `task` may fail without stopping the next. */
  inTurn(task) {
    const done = this.work.then(task);
    this.work = done.catch(() => {});
    return done;
  }

  /** This will show the newest turns, if they are not on the page already. */
  toNewest() {
    return this.inTurn(() => (this.isAtNewest ? null : this.#jump(this.#branch().slice(1))));
  }

  /** This will show a message, with what stands around it; it may lie on another branch. Returns its turn, or null. */
  async around(messageId) {
    await this.inTurn(() => (this.thread.turn(messageId) ? null : this.#jump(`around=${messageId}`)));
    return this.thread.turn(messageId);
  }

  /** This will show the turn with `depth` turns above it. Returns it, or null. */
  async at(depth) {
    const here = () => this.thread.entries().find((entry) => depthOf(entry) === depth) ?? null;
    await this.inTurn(() => (here() ? null : this.#jump(`at=${depth}${this.#branch()}`)));
    return here();
  }

  /** This will bring the page in line with the branch being read, from the first turn shown on. */
  whole() {
    return this.inTurn(async () => {
      const first = this.thread.firstMessageId();
      const turns = await this.#fetch(first ? `from=${first}${this.#branch()}` : '');
      const side = this.isAtNewest ? 'before' : 'after';
      keepPlace(this.scroller, this.thread.entries(), () => {
        this.#take(turns, 'whole');
        this.#trim(side);
      });
    });
  }

  /** This will add what came after the last turn; nothing if the reader is elsewhere in the conversation. */
  newer() {
    return this.inTurn(async () => {
      const last = this.thread.lastMessageId();
      if (!this.isAtNewest || this.place.isAside) return;
      const turns = await this.#fetch(last ? `after=${last}` : '');
      const depth = depthOf(this.thread.entries().at(-1)) ?? -1;
      if (!turns.entries.length) return;
      // Where the branch is another by now, the server begins anew.
      this.#take(turns, !turns.window || turns.window.first > depth ? 'after' : 'whole');
    });
  }

  async #jump(parameters) {
    const turns = await this.#fetch(parameters);
    this.pin.letGo();
    this.#take(turns, 'jump');
  }

  /** What says that another branch is shown than the one being read. */
  #branch() {
    const { isAside, leaf } = this.place;
    return isAside && leaf ? `&leaf=${leaf}` : '';
  }

  async #fetch(parameters) {
    return readTurns(await this.fetchTurns(parameters));
  }

  #take({ window, entries }, how) {
    if (entries.length || how === 'whole') this.thread.take(entries, how);
    if (window && entries.length) this.#moveTo(window, how);
    this.#changed();
  }

  #moveTo(window, how) {
    const { hasBefore, hasAfter } = this.place;
    Object.assign(this.place, window);
    // Only the end that was added to is known anew.
    if (how === 'after') this.place.hasBefore = hasBefore;
    if (how === 'before') this.place.hasAfter = hasAfter;
  }

  #changed() {
    this.#showEdges();
    this.dispatchEvent(new Event('changed'));
  }

  // ---- more of it as one scrolls

  #seen(seen) {
    for (const { isIntersecting, target } of seen) if (isIntersecting) this.more(target.dataset.edge);
  }

  /** This will add the turns before the first or after the last one. */
  async more(side) {
    if (this.loading.has(side) || !this.#has(side)) return;
    this.loading.add(side);
    this.#sayEdge(side, '');
    try {
      await this.inTurn(() => this.#more(side));
    } catch {
      this.#sayEdge(side, t('More messages could not be loaded.'));
    } finally {
      this.loading.delete(side);
    }
  }

  async #more(side) {
    if (!this.#has(side)) return;
    const known = side === 'before' ? this.thread.firstMessageId() : this.thread.lastMessageId();
    const turns = await this.#fetch(`${side}=${known}${this.#branch()}`);
    keepPlace(this.scroller, this.thread.entries(), () => {
      this.#take(turns, side);
      this.#trim(side === 'before' ? 'after' : 'before');
    });
  }

  #has(side) {
    return side === 'before' ? this.place.hasBefore : this.place.hasAfter;
  }

  /** What is far from the reader leaves the page. */
  #trim(side) {
    const entries = this.thread.entries();
    const surplus = entries.length - MOST_ENTRIES;
    if (surplus <= 0) return;
    this.thread.putAway(side === 'before' ? entries.slice(0, surplus) : entries.slice(-surplus));
    if (side === 'before') this.place.hasBefore = true;
    else this.place.hasAfter = true;
    this.#changed();
  }

  /** This will keep the page small while a long talk goes on at its end. */
  trimBefore() {
    if (this.isAtNewest && this.pin.isPinned) keepPlace(this.scroller, this.thread.entries().slice(-2), () => this.#trim('before'));
  }

  #showEdges() {
    this.pin.mayPin = this.isAtNewest;
    find('.aside', this.scroller).hidden = !this.place.isAside;
    for (const [side, edge] of Object.entries(this.edges)) {
      edge.hidden = !this.#has(side);
      // Told anew, an edge that is in sight already asks for more.
      this.watcher.unobserve(edge);
      if (!edge.hidden) this.watcher.observe(edge);
    }
  }

  #sayEdge(side, sentence) {
    const line = find('.caption', this.edges[side]);
    line.replaceChildren(sentence);
    if (!sentence) return;
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'button ghost small';
    again.textContent = t('Try again');
    again.addEventListener('click', () => this.more(side));
    line.append(again);
  }

  /** This will bring a turn into sight and mark it for a moment. */
  async show(turn, { isMarked = true, focuses = false } = {}) {
    this.pin.letGo();
    await settleAt(this.scroller, turn);
    if (focuses) {
      turn.tabIndex = -1;
      turn.focus({ preventScroll: true });
    }
    if (!isMarked) return;
    turn.dataset.marked = '';
    setTimeout(() => delete turn.dataset.marked, MARKED_MS);
  }

  /** This will leave a turn at a height of the screen, where another one stood. */
  hold(turn, top) {
    this.pin.letGo();
    this.scroller.scrollTop += turn.getBoundingClientRect().top - top;
  }

  /** This will return the message at the top of what is in sight, and how far above the edge it begins. */
  placeInSight() {
    const top = this.scroller.getBoundingClientRect().top;
    const entry = this.thread.entries().find((one) => one.getBoundingClientRect().bottom > top + 1);
    return entry ? { message: messageOf(entry), offset: Math.round(entry.getBoundingClientRect().top - top) } : null;
  }
}
