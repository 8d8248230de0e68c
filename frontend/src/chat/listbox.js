// A list of options steered from another element that keeps the focus: a search field, a text field, or the list itself.
import { findAll } from '../dom.js';

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class Listbox {
  /** `choose(option)` is called for a click and by `chooseActive()`. */
  constructor(list, host, choose) {
    Object.assign(this, { list, host, choose });
    this.active = null;
    // The host keeps the focus, also on a phone, where losing it would close the keyboard.
    list.addEventListener('mousedown', (event) => event.preventDefault());
    list.addEventListener('click', ({ target }) => {
      const option = target.closest('[role="option"]');
      if (option) choose(option);
    });
    list.addEventListener('pointermove', ({ target }) => {
      const option = target.closest?.('[role="option"]');
      if (option && option !== this.active) this.activate(option, { scroll: false });
    });
  }

  get options() {
    return findAll('[role="option"]:not([hidden])', this.list);
  }

  activate(option, { scroll = true } = {}) {
    this.active?.removeAttribute('data-active');
    this.active = option ?? null;
    if (!option) {
      for (const host of this.#hosts()) host.removeAttribute('aria-activedescendant');
      return;
    }
    option.dataset.active = '';
    for (const host of this.#hosts()) host.setAttribute('aria-activedescendant', option.id);
    if (scroll) option.scrollIntoView({ block: 'nearest' });
  }

  /** The list itself may have the focus as well. */
  #hosts() {
    return this.list.hasAttribute('tabindex') ? [this.host, this.list] : [this.host];
  }

  /** This will choose the active option; false if there is none. */
  chooseActive() {
    const { active } = this;
    if (active) this.choose(active);
    return active !== null;
  }

  /** This will take a key that moves among the options; false if it is none. `edges` adds Home and End. */
  move(key, { edges = true } = {}) {
    const { options } = this;
    if (!options.length) return false;
    const at = options.indexOf(this.active);
    if (key in STEPS) this.activate(options[(at + STEPS[key] + options.length + (at < 0 && STEPS[key] < 0 ? 1 : 0)) % options.length]);
    else if (edges && key === 'Home') this.activate(options[0]);
    else if (edges && key === 'End') this.activate(options.at(-1));
    else return false;
    return true;
  }

  /** This will go to the next option that begins with the letters. */
  jumpTo(letters) {
    const { options } = this;
    const from = options.indexOf(this.active) + (letters.length > 1 ? 0 : 1);
    const round = [...options.slice(from), ...options.slice(0, from)];
    const found = round.find((option) => option.textContent.trim().toLowerCase().startsWith(letters.toLowerCase()));
    if (found) this.activate(found);
  }
}
