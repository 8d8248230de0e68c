// The parameters of the next messages: system prompt, sampling, thinking, the answer's shape; checked as they are typed.
import { find, findAll } from '../dom.js';
import { t } from '../i18n.js';
import { Panel } from './panel.js';
import { PARAMETERS, knownOptions, parseParameter, sameOptions, writeParameter } from './parameter-values.js';
import { PresetBar } from './preset-bar.js';

export class Parameters extends EventTarget {
  // Event "change" when the options or the preset changed by the person's hand.
  constructor(button, dialog, menu) {
    super();
    Object.assign(this, { button, dialog, menu });
    this.options = {};
    this.panel = new Panel(dialog, button);
    this.fields = new Map(Object.keys(PARAMETERS).map((name) => [name, find(`[name="${name}"]`, dialog)]));
    this.presets = new PresetBar(find('.preset-bar', dialog), {
      current: () => ({ model: this.menu.name ?? '', options: this.options }),
      use: (preset) => this.#usePreset(preset),
      changed: () => this.#draw(),
      said: () => this.#changed(),
    });
    this.panel.addEventListener('open', () => this.#opened());
    dialog.addEventListener('input', ({ target }) => this.#typed(target));
    dialog.addEventListener('click', ({ target }) => this.#clicked(target));
    this.#draw();
  }

  get preset() {
    return this.presets.chosen?.id ?? this.presets.wanted;
  }

  /** This will show options that were kept; nothing is said about it. */
  set({ options = {}, preset = null }) {
    this.options = knownOptions(options);
    this.presets.want(preset);
    this.#write();
    this.#draw();
  }

  /** This will set one parameter, as typing it does. */
  put(name, value) {
    this.options = knownOptions({ ...this.options, [name]: value });
    this.#write();
    this.#changed();
  }

  open(name = null) {
    this.panel.open();
    if (name) this.fields.get(name).focus();
  }

  #usePreset(preset) {
    this.options = knownOptions(preset?.options);
    if (preset?.model) this.menu.use(preset.model);
    this.#write();
    this.#changed();
  }

  #opened() {
    this.presets.load();
    find('[data-for="think"]', this.dialog).hidden = !this.menu.can('thinking') && this.options.think === undefined;
    this.#draw();
  }

  #typed({ name, value }) {
    if (name?.startsWith('slide-')) {
      this.fields.get(name.slice('slide-'.length)).value = value;
      this.#take(name.slice('slide-'.length));
    } else if (this.fields.has(name)) this.#take(name);
  }

  #take(name) {
    const field = this.fields.get(name);
    const { value, problem } = parseParameter(name, field.value);
    this.#say(name, problem);
    if (problem) return;
    const next = knownOptions({ ...this.options, [name]: value });
    if (sameOptions(next, this.options)) return;
    this.options = next;
    this.#slide(name);
    this.#changed();
  }

  #clicked(target) {
    const reset = target.closest('[data-reset]');
    if (target.closest('[data-reset-all]')) {
      this.#usePreset(this.presets.chosen);
      this.dialog.focus();
    }
    if (!reset) return;
    const name = reset.dataset.reset;
    this.put(name, this.presets.chosen?.options?.[name]);
    this.fields.get(name).focus();
  }

  #say(name, problem) {
    const line = find(`[data-for="${name}"] .problem`, this.dialog);
    this.fields.get(name).toggleAttribute('aria-invalid', Boolean(problem));
    if (problem) this.fields.get(name).setAttribute('aria-invalid', 'true');
    line.hidden = !problem;
    line.textContent = problem ? t('{problem} Not used until it is right.', { problem: sentence(problem) }) : '';
    const good = find(`[data-for="${name}"] .good`, this.dialog);
    if (good) good.hidden = Boolean(problem) || !this.fields.get(name).value.trim();
  }

  /** This will write every option into its field. */
  #write() {
    for (const [name, field] of this.fields) {
      if (document.activeElement !== field || sameOptions({ [name]: this.options[name] }, {})) field.value = writeParameter(name, this.options[name]);
      this.#say(name, null);
      this.#slide(name);
    }
  }

  #slide(name) {
    const slider = find(`[name="slide-${name}"]`, this.dialog);
    if (!slider) return;
    slider.value = this.options[name] ?? slider.dataset.usual;
    slider.toggleAttribute('data-unset', this.options[name] === undefined);
  }

  #changed() {
    this.#draw();
    this.dispatchEvent(new Event('change'));
  }

  /** This will mark what differs from the preset, or from the model's own. */
  #draw() {
    const base = this.presets.chosen?.options ?? {};
    for (const row of findAll('[data-for]', this.dialog)) {
      const name = row.dataset.for;
      const isChanged = !sameOptions({ [name]: this.options[name] }, { [name]: base[name] });
      row.toggleAttribute('data-changed', isChanged);
      find('[data-reset]', row).hidden = !isChanged;
    }
    const isCustom = !sameOptions(this.options, base);
    find('[data-reset-all]', this.dialog).hidden = !isCustom;
    this.presets.draw();
    this.#drawButton(isCustom);
  }

  #drawButton(isCustom) {
    const preset = this.presets.chosen?.name;
    const words = preset ? (isCustom ? t('{preset}, changed', { preset }) : preset) : isCustom ? t('Custom') : '';
    find('.which', this.button).textContent = words;
    this.button.toggleAttribute('data-on', Boolean(words));
    this.button.setAttribute('aria-label', words ? t('Parameters: {what}', { what: words }) : t('Parameters'));
  }
}

const sentence = (text) => (/[.…}]$/.test(text) ? text : `${text}.`);
