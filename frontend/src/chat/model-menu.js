// The model menu: which model answers, and which second one answers beside it; searched where there are many.
import { announce, find, findAll } from '../dom.js';
import { nt, t } from '../i18n.js';
import { Listbox } from './listbox.js';
import { safeStorage } from './outbox-store.js';
import { Panel } from './panel.js';
import { fuzzyScore } from './prompt-values.js';

const KEY = 'olympus.model';
// Letters typed within this time belong together.
const TYPED_TOGETHER_MS = 700;

export class ModelMenu extends EventTarget {
  // Event "change" when another model or comparison was chosen.
  constructor(root, dialog) {
    super();
    Object.assign(this, { root, dialog });
    this.button = find('button', root);
    this.list = find('[role="listbox"]', dialog);
    this.search = find('input', dialog);
    this.compareButton = find('[data-compare]', dialog);
    this.options = findAll('[role="option"]', dialog);
    this.compared = null;
    this.isPickingSecond = false;
    this.typed = { letters: '', at: 0 };
    this.storage = safeStorage('localStorage');
    this.panel = new Panel(dialog, this.button);
    this.box = new Listbox(this.list, this.search.hidden ? this.list : this.search, (option) => this.#choose(option));
    this.#wire();
    this.select(this.storage.getItem(KEY));
  }

  get chosen() {
    return this.options.find((option) => option.getAttribute('aria-selected') === 'true') ?? null;
  }

  get name() {
    return this.chosen?.dataset.model ?? null;
  }

  /** This will return the name to send, or null for the server's default. */
  get model() {
    return this.chosen?.hasAttribute('data-default') ? null : this.name;
  }

  can(capability) {
    return !this.chosen || capabilitiesOf(this.chosen).includes(capability);
  }

  has(name) {
    return this.#option(name) !== null;
  }

  label(name = this.name) {
    const option = this.#option(name);
    return option ? find('b', option).firstChild.data.trim() : '';
  }

  /** This will mark a model without saying so; one that is not there any more changes nothing. */
  select(name) {
    const option = this.#option(name);
    if (!option) return false;
    for (const one of this.options) one.setAttribute('aria-selected', String(one === option));
    find('.chosen', this.button).textContent = this.label();
    if (this.compared === name) this.compared = null;
    return true;
  }

  /** This will find a model by a part of its name. */
  match(letters) {
    const scored = this.options.map((option) => ({ option, score: fuzzyScore(letters, option.textContent) ?? -1 }));
    return scored.filter(({ score }) => score >= 0).sort((one, other) => other.score - one.score).map(({ option }) => option.dataset.model);
  }

  /** This will choose a model as a click on it does. */
  use(name) {
    if (!this.select(name)) return;
    this.storage.setItem(KEY, name);
    this.dispatchEvent(new Event('change'));
  }

  /** This will have a second model answer beside the first; null ends that. */
  compareWith(name) {
    this.compared = name === this.name ? null : (this.#option(name)?.dataset.model ?? null);
    this.dispatchEvent(new Event('change'));
  }

  open() {
    this.panel.open();
  }

  openForComparison() {
    this.panel.open();
    this.#pickSecond(true);
  }

  #option(name) {
    return this.options.find((option) => option.dataset.model === name) ?? null;
  }

  #wire() {
    this.panel.addEventListener('open', () => this.#opened());
    this.search.addEventListener('input', () => this.#filter());
    this.dialog.addEventListener('keydown', (event) => this.#key(event));
    this.compareButton.addEventListener('click', () => {
      if (this.compared) this.compareWith(null);
      else if (!this.isPickingSecond) {
        this.#pickSecond(true);
        return;
      }
      this.panel.close({ focus: true });
    });
  }

  #opened() {
    this.search.value = '';
    this.#pickSecond(false);
    this.typed = { letters: '', at: 0 };
    this.box.activate(this.chosen ?? this.box.options[0]);
  }

  #pickSecond(isPicking) {
    this.isPickingSecond = isPicking;
    const said = isPicking ? t('Second model, beside {model}', { model: this.label() }) : t('Model');
    this.dialog.dataset.picks = isPicking ? 'second' : 'first';
    find('.panel-title', this.dialog).textContent = said;
    this.list.setAttribute('aria-label', said);
    this.compareButton.querySelector('span').textContent = this.compared ? t('Compare no more') : isPicking ? t('Cancel') : t('Compare with…');
    for (const option of this.options) option.toggleAttribute('data-out', isPicking && option === this.chosen);
    this.#filter();
    if (!isPicking) return;
    announce(said);
    (this.panel.isSheet ? this.list : this.box.host).focus();
    this.box.activate(this.box.options[0]);
  }

  #filter() {
    const letters = this.search.value.trim();
    const fit = new Set(letters ? this.match(letters) : this.options.map((option) => option.dataset.model));
    for (const option of this.options) option.hidden = !fit.has(option.dataset.model) || option.hasAttribute('data-out');
    const { options } = this.box;
    find('.none', this.dialog).hidden = options.length > 0;
    if (!letters) return;
    this.box.activate(options.find((option) => option.dataset.model === this.match(letters)[0]) ?? options[0]);
    announce(nt('{n} model', '{n} models', options.length));
  }

  #key(event) {
    if (event.target === this.compareButton || event.isComposing) return;
    const isSearching = event.target === this.search;
    if (this.box.move(event.key, { edges: !isSearching })) event.preventDefault();
    else if (event.key === 'Enter' || (event.key === ' ' && !isSearching)) {
      if (event.target.closest('.panel-head')) return;
      event.preventDefault();
      this.box.chooseActive();
    } else if (event.key.length === 1 && !isSearching && !event.ctrlKey && !event.metaKey && !event.altKey) this.#type(event.key);
  }

  #type(letter) {
    const isMore = performance.now() - this.typed.at < TYPED_TOGETHER_MS;
    this.typed = { letters: isMore ? this.typed.letters + letter : letter, at: performance.now() };
    this.box.jumpTo(this.typed.letters);
  }

  #choose(option) {
    const { model } = option.dataset;
    if (this.isPickingSecond) {
      this.compareWith(model);
      announce(t('{one} and {other} answer side by side', { one: this.label(), other: this.label(model) }));
    } else {
      this.use(model);
      announce(t('{model} answers', { model: this.label() }));
    }
    // What comes next is most likely typed; on a phone the keyboard would come up unasked.
    const { isSheet } = this.panel;
    this.panel.close({ focus: isSheet });
    if (!isSheet) find('#prompt').focus();
  }
}

function capabilitiesOf(option) {
  return (option.dataset.capabilities ?? '').split(' ');
}
