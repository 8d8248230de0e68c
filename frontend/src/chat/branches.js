// Versions of a message or an answer: a pager on the turn, by mouse and by arrow keys.
import { announce, find } from '../dom.js';
import { t } from '../i18n.js';
import { toast } from '../toast.js';
import { entryOf } from './entries.js';

export class Branches {
  constructor({ thread, conversation, window }) {
    Object.assign(this, { thread, conversation, window });
    this.way = null;
    thread.list.addEventListener('keydown', (event) => this.#key(event));
    conversation.addEventListener('switched', (event) => this.#switched(event.detail.message));
    conversation.addEventListener('refused', (event) => this.#refused(event.detail));
  }

  /** This will go to the version a button of the pager leads to. */
  choose(button) {
    const { to, way } = button.dataset;
    if (!to || button.disabled) return;
    const turn = entryOf(button);
    this.way = way;
    this.top = turn.getBoundingClientRect().top;
    turn.dataset.again = '';
    this.conversation.choose(to);
  }

  /** This will keep one answer of a comparison. */
  keep(turn) {
    this.way = 'keep';
    this.top = entryOf(turn).getBoundingClientRect().top;
    entryOf(turn).dataset.again = '';
    this.conversation.choose(turn.dataset.message, { keep: true });
  }

  /** This will go to the version before or after the newest turn that has any; false if there is none. */
  step(way) {
    const button = this.#newest(way);
    if (button) this.choose(button);
    return button !== null;
  }

  has(way) {
    return this.#newest(way) !== null;
  }

  #newest(way) {
    return [...this.thread.list.querySelectorAll(`.pager [data-way="${way}"]:not(:disabled)`)].at(-1) ?? null;
  }

  #key(event) {
    const way = { ArrowLeft: 'previous', ArrowRight: 'next' }[event.key];
    const pager = event.target.closest('.pager');
    if (!way || !pager || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const button = find(`[data-way="${way}"]`, pager);
    if (button && !button.disabled) this.choose(button);
  }

  /** The chosen version stands where the other one stood, and the keyboard stays on its pager. */
  #switched(message) {
    const { way } = this;
    this.way = null;
    const turn = entryOf(this.thread.turn(message));
    if (!turn || !way) return;
    this.window.hold(turn, this.top);
    const pager = find(':scope > .after > .pager', turn);
    const button = find(`[data-way="${way}"]:not(:disabled)`, pager) ?? find('button:not(:disabled)', pager);
    button?.focus({ preventScroll: true });
    if (pager.getAttribute('aria-label')) announce(pager.getAttribute('aria-label'));
  }

  #refused(error) {
    this.way = null;
    for (const turn of this.thread.list.querySelectorAll('[data-again]')) delete turn.dataset.again;
    toast(t('The version was not changed. {reason}', { reason: error.content }), { kind: 'failed' });
  }
}
