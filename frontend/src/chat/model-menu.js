// The model menu: a list box that opens above its button, by mouse and by keyboard.
import { find, findAll } from '../dom.js';
import { safeStorage } from './outbox-store.js';

const KEY = 'olympus.model';

export class ModelMenu extends EventTarget {
  // Event "change" when another model was chosen.
  constructor(root) {
    super();
    this.root = root;
    this.button = find('button', root);
    this.menu = find('[role="listbox"]', root);
    this.options = findAll('[role="option"]', root);
    this.storage = safeStorage('localStorage');
    this.#wire();
    const remembered = this.options.find((option) => option.dataset.model === this.storage.getItem(KEY));
    if (remembered) this.#mark(remembered);
  }

  get chosen() {
    return this.options.find((option) => option.getAttribute('aria-selected') === 'true') ?? null;
  }

  /** This will return the name to send, or null for the server's default. */
  get model() {
    const option = this.chosen;
    return option && !option.hasAttribute('data-default') ? option.dataset.model : null;
  }

  can(capability) {
    return !this.chosen || (this.chosen.dataset.capabilities ?? '').split(' ').includes(capability);
  }

  #wire() {
    this.button.addEventListener('click', () => this.#open(this.menu.hidden));
    this.menu.addEventListener('click', (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) this.#choose(option);
    });
    this.menu.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('pointerdown', (event) => {
      if (!this.menu.hidden && !this.root.contains(event.target)) this.#open(false);
    });
    this.root.addEventListener('focusout', (event) => {
      if (!this.menu.hidden && event.relatedTarget && !this.root.contains(event.relatedTarget)) this.#open(false);
    });
  }

  #open(isOpen) {
    this.menu.hidden = !isOpen;
    this.button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) (this.chosen ?? this.options[0])?.focus();
  }

  #key(event) {
    const at = this.options.indexOf(document.activeElement);
    const last = this.options.length - 1;
    const to = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to !== undefined) this.options[to].focus();
    else if (event.key === 'Escape') {
      this.#open(false);
      this.button.focus();
      event.stopPropagation();
    } else if (event.key.length === 1 && event.key !== ' ') this.#jumpTo(event.key);
    else return;
    event.preventDefault();
  }

  #jumpTo(letter) {
    const from = this.options.indexOf(document.activeElement) + 1;
    const round = [...this.options.slice(from), ...this.options.slice(0, from)];
    round.find((option) => option.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
  }

  #choose(option) {
    this.#mark(option);
    this.storage.setItem(KEY, option.dataset.model);
    this.#open(false);
    this.button.focus();
    this.dispatchEvent(new Event('change'));
  }

  #mark(option) {
    for (const one of this.options) one.setAttribute('aria-selected', String(one === option));
    find('.chosen', this.button).textContent = find('b', option).firstChild.data.trim();
  }
}
