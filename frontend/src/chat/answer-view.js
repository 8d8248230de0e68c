// One answer on the page: its text while it is written, thinking, tool calls, and how it ended.
import { announce, find, findAll, icon, make } from '../dom.js';
import { nt, t } from '../i18n.js';
import { decorate, frameCode } from './decorate.js';
import { setFinishedFormulas } from './maths.js';
import { RouteView } from './route-view.js';
import { StreamView } from './stream-view.js';

const ENDED = new Set(['complete', 'error', 'cancelled', 'interrupted']);

export class AnswerView {
  /** `article` is an answer of the page's template; `onPaint` is called when its height may have changed. */
  constructor(article, { onPaint = () => {} } = {}) {
    Object.assign(this, { article, onPaint });
    this.prose = this.#part('.prose');
    this.route = new RouteView(article);
    this.stream = null;
    this.source = null;
  }

  #part(selector) {
    return find(selector, this.article);
  }

  #live() {
    // What the server had rendered stays until there is something newer.
    this.stream ??= new StreamView(this.prose, { onBlocks: decorate, onCode: (pre) => frameCode(pre, { isOpen: true }), onTail: setFinishedFormulas, onPaint: this.onPaint });
    return this.stream;
  }

  appendText(text, { isFirst = false } = {}) {
    if (!text && !isFirst) return;
    if (this.source === null) this.#firstWord();
    this.source = (this.source ?? '') + text;
    if (!this.prose.classList.contains('writing')) this.prose.classList.add('writing');
    this.#live().push(text);
  }

  #firstWord() {
    this.#part('.skeleton').hidden = true;
    this.#part('.thinking .gist').textContent = t('Thought');
  }

  replaceText(text) {
    this.source = text;
    this.#live().replace(text);
  }

  appendThinking(text) {
    const box = this.#part('.thinking');
    box.hidden = false;
    const thought = this.#part('.thought');
    const isAtEnd = thought.scrollHeight - thought.scrollTop - thought.clientHeight < 40;
    if (thought.lastChild?.nodeType === Node.TEXT_NODE) thought.lastChild.appendData(text);
    else thought.textContent = text;
    if (isAtEnd && box.open) thought.scrollTop = thought.scrollHeight;
    this.#part('.thinking .gist').textContent = this.source ? t('Thought') : t('Thinking');
    this.onPaint();
  }

  replaceThinking(text) {
    this.#part('.thought').textContent = '';
    if (text) this.appendThinking(text);
    else this.#part('.thinking').hidden = true;
  }

  showAbout({ model, provider, reasons, tier, cache, left_out_count: leftOut = 0 }) {
    if (model) this.#part('.model-name').textContent = model;
    this.route.show({ model, provider, reasons, tier, cache });
    if (!leftOut) return;
    const caption = this.#part('.left-out');
    caption.hidden = false;
    find('span', caption).textContent = leftOutSentence(leftOut);
  }

  showState(state) {
    const isOver = ENDED.has(state);
    this.article.dataset.state = state;
    this.article.hidden = state === 'queued';
    this.article.toggleAttribute('data-over', isOver);
    if (isOver) this.article.removeAttribute('aria-busy');
    else this.article.setAttribute('aria-busy', 'true');
    this.article.setAttribute('aria-label', isOver ? t('Olympus answered') : t('Olympus is answering'));
    this.#part('.skeleton').hidden = isOver || this.source !== null || !!this.prose.firstElementChild;
    if (isOver) this.#settle();
    this.onPaint();
  }

  #settle() {
    this.stream?.end();
    this.#part('.thinking .gist').textContent = t('Thought');
    this.prose.classList.remove('writing');
    for (const step of findAll('.step[data-state="running"]', this.article)) step.dataset.state = 'asked';
    for (const spinner of findAll('.step .spinner', this.article)) spinner.replaceWith(icon('wrench'));
    this.#summarizeTools();
  }

  addToolCall(call) {
    const list = this.#part('.tools ol');
    if (findAll('.step', list).some((step) => step.dataset.call === String(call.id))) return;
    this.#part('.tools').hidden = false;
    list.append(toolStep(call));
    this.#summarizeTools();
    this.onPaint();
  }

  addToolResult({ id, content, text, is_error: isError, error }) {
    const step = findAll('.step', this.article).find((one) => one.dataset.call === String(id));
    if (!step) return;
    step.dataset.state = isError || error ? 'failed' : 'done';
    find('.dot', step).replaceChildren(icon(isError || error ? 'x' : 'check'));
    const result = content ?? text ?? error;
    if (result) step.append(detail(typeof result === 'string' ? result : JSON.stringify(result, null, 2), t('Result')));
  }

  replaceToolCalls(calls) {
    for (const call of calls) this.addToolCall(call);
  }

  #summarizeTools() {
    const names = [...new Set(findAll('.step b', this.article).map((name) => name.textContent))];
    if (names.length) this.#part('.tools .gist').textContent = t('Asked for {names}', { names: names.join(', ') });
  }

  showSwitch(one) {
    if (one.model) this.#part('.model-name').textContent = one.model;
    this.route.addSwitch(one);
    this.onPaint();
  }

  /** This will show all that is known of who answers and who went on. */
  showRoute(route) {
    this.route.show(route);
    this.route.replaceSwitches(route.switches ?? []);
  }

  fail({ code, content, keptLength = 0 }) {
    const trouble = this.#part('.trouble');
    trouble.hidden = false;
    find('b', trouble).textContent = content || t('The answer ended before it was finished.');
    find('small', trouble).textContent = code === 'temporary_gone' ? '' : keptSentence(keptLength);
    find('[data-act="go-on"]', trouble).hidden = !keptLength;
    find('[data-usage]', trouble).hidden = code !== 'budget_exceeded';
    announce(t('The answer failed. {reason}', { reason: content }));
  }

  complete({ state, length, finish_reason: reason }) {
    const note = this.#part('.after .note');
    if (state === 'cancelled') note.textContent = length ? t('Stopped') : t('Stopped before it began');
    else if (reason === 'length') note.textContent = t('Ended at the length limit');
    else if (reason === 'content_filter') note.textContent = t('Ended by the model server’s filter');
    // Where the answer can be gone on with, the words for it stand beside what ended it.
    this.#part('.after .resume').hidden = !length || !(state === 'cancelled' || reason === 'length');
    announce(state === 'cancelled' ? t('Answer stopped') : t('Answer finished'));
  }

  /** This will return the answer's Markdown, to be copied. */
  markdown() {
    const stored = find('script[type="application/json"]', this.article);
    return this.source ?? (stored ? JSON.parse(stored.textContent) : this.prose.innerText);
  }
}

/** This will say in one sentence how many messages the model did not see. */
export function leftOutSentence(count) {
  return nt('The first message did not fit into the model’s memory and was left out.', 'The first {n} messages did not fit into the model’s memory and were left out.', count);
}

function keptSentence(keptLength) {
  return keptLength ? t('What was written so far is kept.') : t('Nothing had been written yet. Your message is kept.');
}

function toolStep({ id, name, function: called, arguments: given }) {
  const args = given ?? called?.arguments ?? {};
  return make(
    'li.step',
    { 'data-call': String(id), 'data-state': 'running' },
    make('span.dot', {}, make('span.spinner', { 'aria-hidden': 'true' })),
    make('span.what', {}, make('b', {}, name ?? called?.name ?? t('a tool'))),
    make('span.took'),
    detail(typeof args === 'string' ? args : JSON.stringify(args, null, 2), t('Arguments')),
  );
}

function detail(text, label) {
  return make('div.detail', { tabindex: '0', role: 'group', 'aria-label': label }, text);
}
