// Presets: a model with its options under a name; chosen, kept, renewed, removed, made the one new conversations begin with.
import { api } from '../api.js';
import { find, make } from '../dom.js';
import { t } from '../i18n.js';
import { toast } from '../toast.js';
import { knownOptions, sameOptions } from './parameter-values.js';

export class PresetBar {
  /** `current()` gives the model and options to keep, `use(preset|null)` takes one over, `said()` is told when the person changed one, `changed()` when the list did. */
  constructor(root, { current, use, said, changed }) {
    Object.assign(this, { root, current, use, said, changed });
    this.list = null;
    this.chosen = null;
    this.wanted = null;
    this.select = find('select', root);
    this.naming = find('.naming', root);
    this.name = find('input', this.naming);
    this.#wire();
    this.#fill();
  }

  /** This will choose a preset by its id, as soon as the list is there. */
  want(id) {
    this.wanted = id;
    this.chosen = this.list?.find((preset) => preset.id === id) ?? null;
    if (id && !this.list) this.load();
    this.#fill();
  }

  async load() {
    try {
      this.list = (await api('GET', '/presets?limit=200')).results;
      this.chosen = this.list.find((preset) => preset.id === this.wanted) ?? null;
      this.#trouble('');
    } catch (error) {
      this.#trouble(error.message);
    }
    this.#fill();
    this.changed();
  }

  draw() {
    const { chosen } = this;
    const { model, options } = this.current();
    const isSame = chosen && sameOptions(chosen.options, options) && (!chosen.model || chosen.model === model);
    this.#button('save').hidden = false;
    this.#button('update').hidden = !chosen || isSame;
    this.#button('default').hidden = !chosen;
    this.#button('delete').hidden = !chosen;
    this.#button('default').querySelector('span').textContent = chosen?.is_default ? t('Begin without it') : t('Begin with it');
    this.#button('default').title = t('New conversations begin with the preset');
  }

  #button(act) {
    return find(`[data-preset="${act}"]`, this.root);
  }

  #wire() {
    this.select.addEventListener('change', () => {
      this.#choose(this.list?.find((preset) => preset.id === this.select.value) ?? null);
      this.use(this.chosen);
    });
    const acts = { save: () => this.#askName(), update: () => this.#update(), default: () => this.#makeDefault(), delete: () => this.#delete(), keep: () => this.#save(), cancel: () => this.#named() };
    this.root.addEventListener('click', ({ target }) => acts[target.closest('[data-preset]')?.dataset.preset]?.());
    this.name.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) {
        event.preventDefault();
        this.#save();
      } else if (event.key === 'Escape') {
        event.preventDefault();
        event.stopPropagation();
        this.#named();
      }
    });
  }

  #choose(preset) {
    this.chosen = preset;
    this.wanted = preset?.id ?? null;
    this.#fill();
  }

  #fill() {
    const named = (this.list ?? []).map((preset) => make('option', { value: preset.id }, preset.is_default ? t('{name} (new conversations)', { name: preset.name }) : preset.name));
    const none = this.list && !this.list.length ? t('No presets yet') : t('No preset');
    this.select.replaceChildren(make('option', { value: '' }, none), ...named);
    this.select.value = this.chosen?.id ?? '';
  }

  #askName() {
    this.naming.hidden = false;
    this.name.value = '';
    this.#trouble('');
    this.name.focus();
  }

  #named() {
    this.naming.hidden = true;
    this.#trouble('');
    this.#button('save').focus();
  }

  #save() {
    const name = this.name.value.trim();
    if (!name) {
      this.#trouble(t('Give the preset a name.'));
      this.name.focus();
      return;
    }
    const { model, options } = this.current();
    this.#change(async () => {
      const preset = await api('POST', '/presets', { name, model, options: knownOptions(options), is_default: false });
      this.list = [...(this.list ?? []), preset].sort((one, other) => one.name.localeCompare(other.name));
      this.#choose(preset);
      this.#named();
    });
  }

  #update() {
    const { model, options } = this.current();
    const before = this.chosen;
    this.#change(async () => {
      await this.#patch(before.id, { model, options: knownOptions(options) });
      toast(t('{name} was changed', { name: before.name }), { undo: () => this.#change(() => this.#patch(before.id, { model: before.model, options: before.options })) });
    });
  }

  #makeDefault() {
    const { id, is_default: isDefault } = this.chosen;
    this.#change(async () => {
      const preset = await this.#patch(id, { is_default: !isDefault });
      this.list = this.list.map((one) => (one.id === id ? preset : { ...one, is_default: preset.is_default ? false : one.is_default }));
      this.#fill();
    });
  }

  #delete() {
    const preset = this.chosen;
    this.#change(async () => {
      await api('DELETE', `/presets/${preset.id}`);
      this.list = this.list.filter((one) => one.id !== preset.id);
      this.#choose(null);
      this.select.focus();
      const { name, model, options, is_default: isDefault } = preset;
      toast(t('{name} was deleted', { name }), {
        undo: async () => {
          this.#choose(await api('POST', '/presets', { name, model, options, is_default: isDefault }));
          await this.load();
        },
      });
    });
  }

  async #patch(id, fields) {
    const preset = await api('PATCH', `/presets/${id}`, fields);
    this.list = this.list.map((one) => (one.id === id ? preset : one));
    if (this.chosen?.id === id) this.#choose(preset);
    return preset;
  }

  async #change(work) {
    this.root.toggleAttribute('data-busy', true);
    try {
      await work();
      this.#trouble('');
    } catch (error) {
      this.#trouble(error.message);
    }
    this.root.toggleAttribute('data-busy', false);
    this.said();
  }

  #trouble(sentence) {
    const line = find('.problem', this.root);
    line.textContent = sentence;
    line.hidden = !sentence;
  }
}
