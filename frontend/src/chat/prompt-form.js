// A prompt with variables: a small typed form, the text it makes beside it, and what was put in last time.
import { api } from '../api.js';
import { find, make } from '../dom.js';
import { t } from '../i18n.js';
import { safeStorage } from './outbox-store.js';
import { filledPrompt } from './prompt-values.js';

const INPUTS = { number: { type: 'number', step: 'any' }, date: { type: 'date' }, text: { type: 'text' } };

export class PromptForm {
  constructor(dialog) {
    Object.assign(this, { dialog, form: find('form', dialog), fields: find('.prompt-fields', dialog), preview: find('.prompt-preview', dialog) });
    this.storage = safeStorage('sessionStorage');
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.form.addEventListener('input', () => this.#preview());
    this.form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
    dialog.addEventListener('close', () => this.settle?.(null));
  }

  /** This will return the prompt's text; with variables they are asked for first. Null if the person left. */
  async fill(prompt) {
    if (!prompt.variables?.length) return prompt.text;
    this.prompt = prompt;
    find('h2', this.dialog).textContent = prompt.title || prompt.name;
    const last = this.#remembered();
    this.fields.replaceChildren(...prompt.variables.map((variable) => field(variable, last[variable.name] ?? variable.default)));
    this.#say('');
    this.#preview();
    this.dialog.showModal();
    find('input, textarea, select', this.fields).focus();
    return new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  #values() {
    const values = {};
    for (const variable of this.prompt.variables) {
      const input = this.#input(variable.name);
      if (variable.type === 'boolean') values[variable.name] = input.checked;
      else if (input.value !== '') values[variable.name] = input.value;
    }
    return values;
  }

  #input(name) {
    return this.form.elements.namedItem(name);
  }

  #preview() {
    const shown = { ...this.#values() };
    for (const { name, type } of this.prompt.variables) if (type === 'boolean') shown[name] = shown[name] ? 'yes' : 'no';
    this.preview.textContent = filledPrompt(this.prompt.text, shown);
  }

  async #submit() {
    const values = this.#values();
    this.#say('');
    this.form.toggleAttribute('data-busy', true);
    try {
      // The server fills it: it checks each value and knows how each is written.
      const { text } = await api('POST', `/prompts/${this.prompt.id}/render`, { values });
      this.storage.setItem(this.#key, JSON.stringify(values));
      const { settle } = this;
      this.settle = null;
      this.dialog.close();
      settle(text);
    } catch (error) {
      this.#say(error.message);
      const named = (error.field ?? '').split('.').at(-1);
      const input = this.prompt.variables.some(({ name }) => name === named) ? this.#input(named) : null;
      input?.focus();
    }
    this.form.toggleAttribute('data-busy', false);
  }

  #say(sentence) {
    const line = find('.problem', this.form);
    line.hidden = !sentence;
    line.textContent = sentence;
  }

  get #key() {
    return `olympus.prompt.${this.prompt.id}`;
  }

  #remembered() {
    try {
      return JSON.parse(this.storage.getItem(this.#key) ?? '{}') ?? {};
    } catch {
      return {};
    }
  }
}

function field(variable, value) {
  const { name, type, required } = variable;
  const id = `prompt-value-${name}`;
  const label = make('label', { for: id }, variable.label || name, required ? '' : make('span.sub', {}, ` ${t('optional')}`));
  const input = inputFor(variable, { id, name, required: Boolean(required) && type !== 'boolean' });
  if (type === 'boolean') {
    input.checked = value === true || value === 'true';
    return make('div.form-row.check', {}, input, make('label', { for: id }, variable.label || name));
  }
  if (value !== undefined && value !== null) input.value = String(value);
  return make('div.form-row', {}, label, input);
}

function inputFor({ type, choices = [] }, attributes) {
  if (type === 'long_text') return make('textarea', { ...attributes, rows: '4' });
  if (type === 'boolean') return make('input', { ...attributes, type: 'checkbox' });
  if (type !== 'choice') return make('input', { ...attributes, ...(INPUTS[type] ?? INPUTS.text), autocomplete: 'off' });
  return make('select', attributes, make('option', { value: '' }, t('Choose')), ...choices.map((choice) => make('option', { value: choice }, choice)));
}
