// "Routing": the models of each tier in their order, and what Auto makes of a question.
import { api } from './api.js';
import { announce, find, findAll, icon, make } from './dom.js';
import { t } from './i18n.js';
import { toast } from './toast.js';

class TierList {
  // A tier's list. While it is picked its names are not sent; the first change makes it one's own.
  constructor(form) {
    this.form = form;
    this.label = form.dataset.tier;
    this.list = find('[data-models]', form);
    this.others = find('[data-others]', form);
    for (const row of this.rows) this.#equip(row);
    this.#refresh();
    this.list.addEventListener('keydown', (event) => this.#key(event));
    find('[data-add]', form).addEventListener('click', () => this.#add(this.others.value));
    form.addEventListener('input', () => this.#unsaved());
  }

  get rows() {
    return findAll(':scope > li', this.list);
  }

  #equip(row) {
    const name = row.dataset.model;
    const button = (glyph, label, act, data) => make('button.icon-button', { type: 'button', 'aria-label': label, title: label, 'data-act': data, onclick: act }, icon(glyph, 's'));
    find('[data-buttons]', row).replaceChildren(
      button('arrow-up', t('Try {model} earlier', { model: name }), () => this.#move(row, -1), 'up'),
      button('arrow-down', t('Try {model} later', { model: name }), () => this.#move(row, 1), 'down'),
      button('x', t('Take {model} away', { model: name }), () => this.#remove(row), 'remove'),
    );
  }

  #key(event) {
    const row = event.target.closest('li');
    if (!row || !event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
    event.preventDefault();
    this.#move(row, event.key === 'ArrowUp' ? -1 : 1);
  }

  #move(row, step) {
    const { rows } = this;
    const place = rows.indexOf(row) + step;
    if (place < 0 || place >= rows.length) return;
    const focused = document.activeElement?.dataset.act ?? 'up';
    if (step < 0) rows[place].before(row);
    else rows[place].after(row);
    this.#changed();
    // The button that was pressed may be off at the end of the list.
    const again = find(`[data-act="${focused}"]`, row);
    (again.disabled ? find(`[data-act="${focused === 'up' ? 'down' : 'up'}"]`, row) : again).focus();
    announce(t('{model} is number {n} of {count}', { model: row.dataset.model, n: place + 1, count: rows.length }));
  }

  #remove(row) {
    const { rows } = this;
    const place = rows.indexOf(row);
    const next = rows[place + 1] ?? rows[place - 1];
    row.remove();
    this.others.append(make('option', {}, row.dataset.model));
    this.#changed();
    (next ? find('[data-act="remove"]', next) : find('[data-add]', this.form)).focus();
    toast(t('{model} is not in {tier} any more.', { model: row.dataset.model, tier: this.label }), { undo: async () => this.#putBack(row, place) });
  }

  #putBack(row, place) {
    // Added again by hand meanwhile.
    if (this.rows.some((one) => one.dataset.model === row.dataset.model)) return;
    const after = this.rows[place];
    if (after) after.before(row);
    else this.list.append(row);
    this.#forget(row.dataset.model);
    this.#changed();
    find('[data-act="remove"]', row).focus();
  }

  #add(name) {
    if (!name) return;
    const row = make(
      'li',
      { tabindex: '-1', 'data-model': name },
      make('input', { type: 'hidden', name: 'models', value: name }),
      make('div.what', {}, make('b', {}, name)),
      make('div.actions', { 'data-buttons': true }),
    );
    this.#equip(row);
    this.list.append(row);
    this.#forget(name);
    this.#changed();
    announce(t('{model} is number {n} of {count}', { model: name, n: this.rows.length, count: this.rows.length }));
    if (!this.others.options.length) find('[data-act="up"]:enabled, [data-act="remove"]', row).focus();
  }

  #forget(name) {
    [...this.others.options].find((option) => option.value === name)?.remove();
  }

  #changed() {
    this.list.dataset.picked = 'false';
    const tag = find('[data-picked]', this.form.closest('.tier').querySelector('header'));
    tag.hidden = true;
    for (const reason of findAll('small', this.list)) reason.remove();
    this.#refresh();
    this.#unsaved();
  }

  #refresh() {
    const { rows } = this;
    rows.forEach((row, place) => {
      find('input', row).disabled = this.list.dataset.picked === 'true';
      find('[data-act="up"]', row).disabled = place === 0;
      find('[data-act="down"]', row).disabled = place === rows.length - 1;
    });
    find('[data-adding]', this.form).hidden = !this.others.options.length;
    this.list.hidden = rows.length === 0;
  }

  #unsaved() {
    find('[data-unsaved]', this.form).hidden = false;
  }
}

class Explainer {
  constructor(form, shown) {
    Object.assign(this, { form, shown, said: find('[data-explain-error]', form) });
    form.addEventListener('submit', (event) => this.#ask(event));
    form.elements.text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  async #ask(event) {
    event.preventDefault();
    const button = find('button', this.form);
    // The keyboard asks past a button that waits.
    if (button.disabled) return;
    const { text, image } = this.form.elements;
    button.disabled = true;
    this.said.hidden = true;
    try {
      this.#show(await api('POST', '/tiers/explain', { text: text.value, image_count: image.checked ? 1 : 0 }));
    } catch (problem) {
      this.said.textContent = problem.message;
      this.said.hidden = false;
      this.shown.hidden = true;
    }
    button.disabled = false;
  }

  #show({ tier, models, reasons, signals, token_count: tokens, took_us: took }) {
    const label = find(`#tier-${tier} form`).dataset.tier;
    const found = signals.map(({ words, points }) => make('li', {}, words, make('span.points', {}, points > 0 ? `+${points}` : `−${-points}`)));
    this.shown.replaceChildren(
      make('p.verdict', {}, make('b', {}, label), models.length ? ` · ${models[0]}` : ''),
      make('ul.reasons', {}, ...reasons.map((reason) => make('li', {}, reason))),
      found.length ? make('ul.signals', { 'aria-label': t('What was found') }, ...found) : '',
      models.length > 1 ? make('p.hint', {}, t('If it fails: {models}', { models: models.slice(1).join(', ') })) : '',
      models.length ? '' : make('p.hint', {}, t('No connected model can answer this.')),
      make('p.hint', {}, t('{tokens} tokens, looked at in {n} µs', { tokens, n: took })),
    );
    this.shown.hidden = false;
  }
}

for (const form of findAll('form[data-tier]')) new TierList(form);
new Explainer(find('#explain'), find('[data-explained]'));
