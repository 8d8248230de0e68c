// The prompt editor: the text, the variables found in it, and what it makes, all in step.
import { api } from '../api.js';
import { filledPrompt } from '../chat/prompt-values.js';
import { find, make } from '../dom.js';
import { t } from '../i18n.js';
import { sayNext, showProblem } from './forms.js';
import { VariableTable } from './variable-table.js';

/** This will wire the editor, if the page has one. */
export function installPromptEditor() {
  const form = find('[data-prompt-editor]');
  if (form) new PromptEditor(form);
}

class PromptEditor {
  constructor(form) {
    Object.assign(this, { form, text: form.elements.text, tries: find('[data-try]'), sheet: find('[data-preview]'), values: {} });
    const declared = JSON.parse(find('#declared-variables').textContent);
    this.table = new VariableTable(find('[data-variables]', form), declared, { isReadOnly: form.hasAttribute('data-read-only') });
    this.table.addEventListener('change', () => this.#show());
    this.text.addEventListener('input', () => this.#show());
    this.tries.addEventListener('input', (event) => {
      const field = event.target;
      this.values[field.name] = field.type === 'checkbox' ? (field.checked ? 'yes' : 'no') : field.value;
      this.#preview();
    });
    find('[data-insert-variable]', form)?.addEventListener('click', () => this.#insert());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
    this.#show();
  }

  #show() {
    this.table.follow(this.text.value);
    this.#tryFields();
    this.#preview();
  }

  #insert() {
    const { selectionStart: start, selectionEnd: end, value } = this.text;
    const word = value.slice(start, end).trim().replace(/[^\p{L}\p{N}]+/gu, '_').replace(/^[\d_]+/, '').slice(0, 40) || t('topic');
    this.text.setRangeText(`{{${word}}}`, start, end, 'end');
    this.text.setSelectionRange(start + 2, start + 2 + word.length);
    this.text.focus();
    this.#show();
  }

  /** Fields stay as they are while their variable does, so that typing elsewhere does not lose what was tried. */
  #tryFields() {
    const wanted = this.table.variables().filter(({ name }) => this.table.isUsed(name));
    const shape = JSON.stringify(wanted.map(({ name, label, type, choices, default: value }) => [name, label, type, choices, value]));
    if (shape === this.shape) return;
    this.shape = shape;
    this.tries.replaceChildren(...wanted.map((variable) => this.#tryField(variable)));
    this.tries.hidden = !wanted.length;
  }

  #tryField({ name, label, type, choices, default: value }) {
    const id = `try-${name}`;
    const held = this.values[name] ?? value;
    const attributes = { id, name };
    if (type === 'boolean') {
      const box = make('input', { ...attributes, type: 'checkbox', checked: held === 'yes' || held === 'true' });
      return make('div.form-row.check', {}, box, make('label', { for: id }, label || name));
    }
    const input = tryInput(type, choices, attributes);
    input.value = held ?? '';
    return make('div.form-row', {}, make('label', { for: id }, label || name), input);
  }

  #preview() {
    const values = {};
    for (const { name, type, default: value } of this.table.variables()) {
      values[name] = this.values[name] || value;
      if (type === 'boolean') values[name] = ['yes', 'true'].includes(values[name]) ? 'yes' : 'no';
    }
    this.sheet.textContent = filledPrompt(this.text.value, values) || t('What you write appears here.');
  }

  async #save() {
    const { form } = this;
    const { id } = form.dataset;
    const elements = form.elements;
    const body = { title: elements.title.value, text: this.text.value, variables: this.table.variables(), is_shared: elements.is_shared.checked };
    if (elements.name.value) body.name = elements.name.value;
    this.#say('');
    try {
      const saved = await api(id ? 'PATCH' : 'POST', id ? `/prompts/${id}` : '/prompts', body);
      sayNext(t('Saved. Type /{name} in a message to use it.', { name: saved.name }));
      if (id) location.reload();
      else location.assign(`/prompts/${saved.id}/`);
    } catch (error) {
      if (this.table.show(error)) return;
      if (form.elements.namedItem(error.field ?? '')) showProblem(form, error);
      else this.#say(error.message);
    }
  }

  #say(sentence) {
    const line = find('[data-trouble]', this.form);
    line.hidden = !sentence;
    line.textContent = sentence;
  }
}

function tryInput(type, choices, attributes) {
  if (type === 'long_text') return make('textarea', { ...attributes, rows: '3' });
  if (type === 'choice') return make('select', attributes, make('option', { value: '' }, t('Choose')), ...(choices ?? []).map((choice) => make('option', { value: choice }, choice)));
  return make('input', { ...attributes, type: { number: 'number', date: 'date' }[type] ?? 'text', step: type === 'number' ? 'any' : null, autocomplete: 'off' });
}
