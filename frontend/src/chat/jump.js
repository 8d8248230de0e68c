// Getting around in a long conversation: where one is in it, and a dialog to go anywhere.
import { announce, find } from '../dom.js';
import { t } from '../i18n.js';
import { depthOf } from './entries.js';

// What fits on the page at once needs no map.
const WORTH_A_MAP = 30;

export class Jump {
  constructor({ window, scroller, conversation }) {
    Object.assign(this, { window, scroller, conversation });
    this.button = find('#position');
    this.dialog = find('#jump');
    this.number = find('#jump-number');
    this.slider = find('#jump-slider');
    this.frame = 0;
    this.#wire();
    this.#draw();
  }

  get isUseful() {
    return this.window.total > WORTH_A_MAP;
  }

  #wire() {
    const soon = () => {
      this.frame ||= requestAnimationFrame(() => this.#draw());
    };
    this.scroller.addEventListener('scroll', soon, { passive: true });
    this.window.addEventListener('changed', soon);
    this.button.addEventListener('click', () => this.open());
    this.slider.addEventListener('input', () => (this.number.value = this.slider.value));
    this.number.addEventListener('input', () => this.number.validity.valid && (this.slider.value = this.number.value));
    this.dialog.addEventListener('close', () => this.dialog.returnValue === 'go' && this.go(Number(this.number.value)));
    this.dialog.addEventListener('click', (event) => {
      const to = event.target.closest('[data-jump]')?.dataset.jump;
      if (!to) return;
      this.dialog.close('');
      if (to === 'first') this.go(1);
      else this.conversation.toNewest();
    });
  }

  /** This will ask where to go. */
  open() {
    const { total } = this.window;
    for (const field of [this.number, this.slider]) {
      field.max = String(total);
      field.value = String(this.#current());
    }
    find('.of', this.dialog).textContent = t('of {total}', { total: format(total) });
    this.dialog.returnValue = '';
    this.dialog.showModal();
    this.number.select();
  }

  /** This will go to the message with that number, the first is 1. */
  async go(number) {
    const to = Math.min(Math.max(1, Math.round(number) || 1), this.window.total);
    try {
      const turn = await this.window.at(to - 1);
      if (turn) await this.window.show(turn, { focuses: true });
    } catch {
      announce(t('More messages could not be loaded.'));
    }
  }

  /** The number of the message in the middle of what is in sight. */
  #current() {
    const box = this.scroller.getBoundingClientRect();
    const middle = box.top + box.height / 2;
    const entries = this.window.thread.entries();
    const entry = entries.find((one) => one.getBoundingClientRect().bottom > middle) ?? entries.at(-1);
    return (depthOf(entry) ?? 0) + 1;
  }

  #draw() {
    this.frame = 0;
    this.button.hidden = !this.isUseful || this.window.pin.isPinned;
    if (this.button.hidden) return;
    const sentence = t('{number} of {total}', { number: format(this.#current()), total: format(this.window.total) });
    find('span', this.button).textContent = sentence;
    this.button.setAttribute('aria-label', t('Message {place}. Jump to another', { place: sentence }));
  }
}

const format = (number) => new Intl.NumberFormat(document.documentElement.lang || undefined).format(number);
