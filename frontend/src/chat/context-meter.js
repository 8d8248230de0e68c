// How full the model's memory would be with the next message: a ring by the model, and what fills it behind it.
import { api } from '../api.js';
import { find, icon, make } from '../dom.js';
import { nt, t } from '../i18n.js';
import { Panel } from './panel.js';

// Several things change at once when a turn ends or a model is chosen.
const REST_MS = 600;
// Above this share the ring asks for attention.
const NEARLY_FULL = 0.85;
const GLYPHS = { system: 'settings', project: 'folder', file: 'file-text', history: 'message-square', attachments: 'paperclip' };

export class ContextMeter {
  /** `where()` gives `{ conversation, model, project, isWriting }` as they are now. */
  constructor(button, dialog, where) {
    Object.assign(this, { button, dialog, where });
    this.panel = new Panel(dialog, button);
    this.panel.addEventListener('open', () => this.refresh());
    this.timer = 0;
    this.asking = null;
  }

  /** This will ask again soon; never in the way of typing. */
  refreshSoon() {
    clearTimeout(this.timer);
    // While an answer is written the history is half a turn; its end is told anyway.
    if (this.where().isWriting) return;
    this.timer = setTimeout(() => this.refresh(), REST_MS);
  }

  async refresh() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      this.#show(await api('GET', this.#address(), undefined, { signal: asking.signal }));
    } catch (error) {
      if (asking.signal.aborted) return;
      // No number is better than an old one.
      this.#hide(error.message);
    }
  }

  #address() {
    const { conversation, model, project } = this.where();
    const query = new URLSearchParams(model ? { model } : {});
    if (project) query.set('project', project);
    return `${conversation ? `/conversations/${conversation}` : ''}/context?${query}`;
  }

  #hide(reason) {
    this.button.hidden = !this.panel.isOpen;
    find('.context-parts', this.dialog).replaceChildren();
    find('.left-out-line', this.dialog).hidden = true;
    find('.context-sum', this.dialog).textContent = reason;
  }

  #show(context) {
    // Half a turn is no history yet: what it lacks was not left out.
    const leftOut = this.where().isWriting ? 0 : context.left_out_count;
    const share = Math.min(1, context.used / Math.max(1, context.context_length));
    const percent = Math.round(share * 100);
    const words = t('{percent}% of {size}', { percent, size: short(context.context_length) });
    // Nothing is worth a number before there is anything.
    this.button.hidden = !context.used && !this.where().conversation;
    this.button.toggleAttribute('data-full', share > NEARLY_FULL || leftOut > 0);
    this.button.setAttribute('aria-label', t('Context: {words}', { words }));
    find('.words', this.button).textContent = words;
    find('.ring-value', this.button).setAttribute('stroke-dasharray', `${Math.max(share * 100, context.used ? 2 : 0)} 100`);
    this.#fillPanel({ ...context, left_out_count: leftOut }, percent);
  }

  #fillPanel(context, percent) {
    const { used, context_length: length, reserved_for_answer: reserved, parts, left_out_count: leftOut } = context;
    find('.context-sum', this.dialog).textContent = t('{used} of {length} tokens ({percent}%)', { used: number(used), length: number(length), percent });
    const held = parts.filter((part) => part.token_count);
    const rows = held.map((part) => row(part, length));
    if (reserved) rows.push(row({ kind: 'answer', label: t('Kept free for the answer'), token_count: reserved }, length));
    if (!held.length) rows.unshift(make('li.context-none', {}, t('Nothing yet: the next message comes first.')));
    find('.context-parts', this.dialog).replaceChildren(...rows);
    const line = find('.left-out-line', this.dialog);
    line.hidden = !leftOut;
    find('span', line).textContent = nt('{n} early message does not fit and will be left out.', '{n} early messages do not fit and will be left out.', leftOut || 0);
  }
}

function row({ kind, label, token_count: tokens, message_count: messages, is_cut: isCut }, length) {
  const notes = [messages ? nt('{n} message', '{n} messages', messages) : '', isCut ? t('cut to fit') : ''].filter(Boolean).join(' · ');
  return make(
    'li',
    { 'data-kind': kind, 'data-cut': Boolean(isCut) },
    icon(GLYPHS[kind] ?? 'square-pen', 's'),
    make('span.what', {}, make('b', {}, label), notes ? make('small', {}, notes) : ''),
    make('span.num', {}, number(tokens)),
    make('progress.meter', { max: String(Math.max(1, length)), value: String(tokens), 'aria-label': t('Share of {label}', { label }) }),
  );
}

const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

/** This will write a number of tokens as models are called by it: 8k, 128k, 1M. */
export function short(tokens) {
  if (tokens >= 1_000_000) return `${Math.round(tokens / 100_000) / 10}M`;
  return tokens >= 1000 ? `${Math.round(tokens / (tokens % 1024 ? 1000 : 1024))}k` : String(tokens);
}
