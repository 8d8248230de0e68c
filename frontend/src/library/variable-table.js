// The variables of a prompt, a row each: those its text names, and those declared that it names no more.
import { find, findAll, icon, make } from '../dom.js';
import { t } from '../i18n.js';

// As the server reads them: apps/chat/engine/variables.py.
const PLACEHOLDER = /\{\{[ \t]{0,8}(\p{L}[\p{L}\p{N}_]{0,39})[ \t]{0,8}\}\}/gu;
const MAX_VARIABLES = 50;

export class VariableTable extends EventTarget {
  // Event "change" when something of a variable was changed.
  constructor(fieldset, declared, { isReadOnly }) {
    super();
    Object.assign(this, { fieldset, isReadOnly, rows: find('[data-variable-rows]', fieldset), used: new Set() });
    this.types = JSON.parse(find('#variable-types').textContent);
    for (const variable of declared) this.#add(variable);
    this.rows.addEventListener('input', (event) => this.#changed(event.target));
    this.rows.addEventListener('click', (event) => {
      if (!event.target.closest('[data-forget]')) return;
      event.target.closest('.variable').remove();
      this.#mark();
      this.dispatchEvent(new Event('change'));
    });
  }

  /** This will give every name in the text a row, and take away rows nobody wrote anything into. */
  follow(text) {
    this.used = new Set([...text.matchAll(PLACEHOLDER)].map((match) => match[1]).slice(0, 5000));
    for (const row of this.#all()) if (!this.used.has(row.dataset.name) && !row.hasAttribute('data-touched')) row.remove();
    const known = new Set(this.#all().map((row) => row.dataset.name));
    for (const name of [...this.used].slice(0, MAX_VARIABLES)) if (!known.has(name)) this.#add({ name, required: true }, { isNew: true });
    this.#mark();
  }

  isUsed(name) {
    return this.used.has(name);
  }

  /** This will read the rows as the API takes them. */
  variables() {
    return this.#all().map((row) => {
      const field = (name) => find(`[data-of="${name}"]`, row);
      const type = field('type').value;
      const choices = type === 'choice' ? field('choices').value.split('\n').map((line) => line.trim()).filter(Boolean) : [];
      return { name: row.dataset.name, label: field('label').value.trim(), type, required: field('required').checked, default: field('default').value.trim(), choices };
    });
  }

  /** This will show a problem at the field it is about; false if it is about none of these. */
  show(error) {
    const [list, index, name] = (error.field ?? '').split('.');
    const row = list === 'variables' ? this.#all()[Number(index)] : null;
    const field = row && (find(`[data-of="${name}"]`, row) ?? find('[data-of="label"]', row));
    if (!field) return false;
    const id = `${field.id}-trouble`;
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-errormessage', id);
    field.closest('.form-row').append(make('p.errors', { id, role: 'alert' }, error.message));
    field.focus();
    return true;
  }

  #all() {
    return findAll('.variable', this.rows);
  }

  #mark() {
    for (const row of this.#all()) {
      const isUsed = this.used.has(row.dataset.name);
      find('[data-unused]', row).hidden = isUsed;
      find('[data-forget]', row).hidden = isUsed || this.isReadOnly;
    }
    this.fieldset.hidden = !this.rows.childElementCount;
  }

  #changed(field) {
    const row = field.closest('.variable');
    row.setAttribute('data-touched', '');
    if (field.dataset.of === 'type') this.#shape(row);
    this.dispatchEvent(new Event('change'));
  }

  #shape(row) {
    find('[data-choices]', row).hidden = find('[data-of="type"]', row).value !== 'choice';
  }

  #add(variable, { isNew = false } = {}) {
    const row = this.#row(variable);
    if (!isNew) row.setAttribute('data-touched', '');
    this.rows.append(row);
    this.#shape(row);
  }

  #row({ name, label = '', type = 'text', required = true, default: value = '', choices = [] }) {
    const id = (of) => `variable-${name}-${of}`;
    const disabled = this.isReadOnly;
    const options = this.types.map(([kind, words]) => make('option', { value: kind, selected: kind === type }, words));
    const field = (of, words, input) => make('div.form-row', {}, make('label', { for: id(of) }, words), input);
    const common = (of) => ({ id: id(of), 'data-of': of, disabled, autocomplete: 'off' });
    const list = make('textarea', { ...common('choices'), rows: '3' });
    list.value = choices.join('\n');
    const choiceRow = field('choices', t('Values, one a line'), list);
    choiceRow.setAttribute('data-choices', '');
    return make(
      'div.variable',
      { 'data-name': name, role: 'group', 'aria-label': name },
      make('div.variable-head', {}, make('code', {}, name), make('span.sub', { 'data-unused': true }, t('not in the text')),
        make('button.icon-button', { type: 'button', 'data-forget': true, 'aria-label': t('Remove {name}', { name }) }, icon('x'))),
      make('div.variable-fields', {},
        field('label', t('Asked as'), make('input', { ...common('label'), value: label, maxlength: '120', placeholder: name })),
        field('type', t('Takes'), make('select', common('type'), ...options)),
        field('default', t('Unless told otherwise'), make('input', { ...common('default'), value, maxlength: '2000' })),
        make('div.form-row.check', {}, make('input', { ...common('required'), type: 'checkbox', checked: Boolean(required) }), make('label', { for: id('required') }, t('Needed'))),
        choiceRow),
    );
  }
}
