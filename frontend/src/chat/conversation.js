// The conversation of this page: what is sent, what comes back, and what other tabs do to it.
import { announce, find, findAll } from '../dom.js';
import { AnswerView } from './answer-view.js';
import { SignedOut, fetchPartial } from './fetching.js';
import { newId } from './ids.js';
import { Run } from './run.js';

// A run that was just acknowledged speaks within this time, or is asked to.
const FIRST_WORD_MS = 1500;
// How long an own acknowledgment is waited for before the server's list is asked instead.
const ACK_PATIENCE_MS = 3000;
// As long as the server makes titles.
const TITLE_LENGTH = 60;

export class Conversation extends EventTarget {
  // Events: "begun" when a new one got its id, "signed-out".
  constructor({ id, socket, outbox, thread, composer, pin, rail }) {
    super();
    Object.assign(this, { id, socket, outbox, thread, composer, pin, rail });
    this.runs = new Map();
    this.lost = new Set();
    this.draft = history.state?.draft ?? newId();
    if (!id) history.replaceState({ draft: this.draft }, '');
    this.syncing = Promise.resolve();
    outbox.addEventListener('acked', (event) => this.#acked(event.detail));
    outbox.addEventListener('refused', (event) => this.#refused(event.detail));
    outbox.addEventListener('changed', () => this.showPending());
    this.followOpen();
    this.showPending();
  }

  get lane() {
    return this.id ?? this.draft;
  }

  // ---- what the person does

  send({ text, files, model, isTemporary }) {
    const options = isTemporary && !this.id ? { temporary: true } : {};
    const attachments = files.map((file) => file.id);
    const frame = { type: 'chat.send', conversation: this.id, parent: null, text, model, options, attachments };
    this.outbox.post(frame, { lane: this.lane, shown: { files } });
    this.composer.begin();
    this.showPending();
    this.pin.toEnd();
  }

  again(article) {
    article.dataset.again = '';
    const frame = { type: 'chat.regenerate', message: article.dataset.message, model: this.composer.menu.model };
    this.outbox.post(frame, { lane: this.lane, shown: { conversation: this.id } });
  }

  /** This will ask for the rest of an answer that was cut short. */
  goOn(article) {
    article.dataset.again = '';
    this.send({ text: 'Go on exactly where you stopped.', files: [], model: this.composer.menu.model, isTemporary: false });
  }

  edit(turn, text) {
    const bubble = find('.bubble', turn);
    const shown = { conversation: this.id, before: bubble.textContent };
    bubble.textContent = text;
    turn.dataset.state = 'pending';
    this.outbox.post({ type: 'chat.edit', message: turn.dataset.message, text }, { lane: this.lane, shown });
  }

  stop() {
    const run = this.#open().find((one) => one.state !== 'queued') ?? this.#open()[0];
    if (run) this.#stopRun(run);
  }

  #stopRun(run) {
    run.isStopping = true;
    this.socket.send({ type: 'chat.stop', run_id: run.runId });
  }

  #open() {
    return [...this.runs.values()].filter((run) => !run.isOver);
  }

  get isAnswering() {
    return this.#open().length > 0;
  }

  // ---- what is not acknowledged yet

  /** This will bring the unsent messages on the page in line with the outbox. */
  showPending() {
    const items = this.outbox.items().filter((item) => item.frame.type === 'chat.send' && this.#isOurs(item) && !item.isWithdrawn);
    const ids = new Set(items.map((item) => item.id));
    for (const turn of this.thread.allPending()) if (!ids.has(turn.dataset.outbox)) turn.remove();
    for (const item of items) this.#sayPending(item, this.thread.pending(item.id) ?? this.thread.addPending(item));
  }

  #isOurs(item) {
    const conversation = item.frame.conversation ?? item.shown.conversation;
    return conversation ? conversation === this.id : item.lane === this.draft;
  }

  #sayPending(item, turn) {
    const withdraw = ['Withdraw', () => this.#takeBack(item)];
    if (item.refused) this.thread.say(turn, `Not sent. ${item.refused.content}`, ['Try again', () => this.outbox.retry(item.id)], withdraw);
    else if (!this.socket.isOpen) this.thread.say(turn, 'Waiting for the connection', withdraw);
    else this.thread.say(turn, '');
  }

  #takeBack(item) {
    this.outbox.withdraw(item.id);
    this.#giveBack(item.frame.text);
    this.showPending();
  }

  #giveBack(text) {
    if (!this.composer.text) this.composer.text = text;
    this.composer.focus();
  }

  // ---- what the server says

  async #acked({ item, ack }) {
    if (item.isWithdrawn) this.socket.send({ type: 'chat.stop', run_id: ack.run_id });
    if (!this.#isOurs(item)) return;
    if (!this.id) this.#begin(ack.conversation, item.frame);
    if (item.frame.type !== 'chat.send') {
      await this.sync({ isWhole: true });
    } else if (!item.isWithdrawn) {
      const pending = this.thread.pending(item.id);
      this.thread.answer(ack.answer, { after: this.thread.settle(pending, ack.message), runId: ack.run_id });
    }
    const article = this.thread.turn(ack.answer);
    if (article) this.#follow(ack.run_id, article, { state: ack.state });
    this.pin.follow();
  }

  #begin(id, { text, options }) {
    this.id = id;
    // Until the server's title is there, the first words stand in for it.
    if (text) this.showTitle(text.split('\n')[0].slice(0, TITLE_LENGTH));
    find('#temporary-tag').hidden = !options?.temporary;
    history.pushState({}, '', `/c/${id}/`);
    this.dispatchEvent(new Event('begun'));
  }

  #refused({ item, error }) {
    if (!this.#isOurs(item)) return;
    announce(`Not sent. ${error.content}`);
    if (item.frame.type === 'chat.send') {
      this.showPending();
      return;
    }
    // An edit or a new attempt changed nothing: show what is, and why.
    this.outbox.withdraw(item.id);
    const turn = this.thread.turn(item.frame.message);
    if (!turn) return;
    delete turn.dataset.again;
    if (item.frame.type === 'chat.edit') {
      find('.bubble', turn).textContent = item.shown.before;
      turn.dataset.state = 'complete';
      this.thread.say(turn, `Not changed. ${error.content}`);
    } else new AnswerView(turn).fail({ content: error.content, keptLength: 1 });
  }

  /** This will take a frame that is not an answer to something sent. */
  take(frame) {
    if (frame.metadata) this.runs.get(frame.metadata.run_id)?.take(frame);
    else if (frame.type === 'run.started') this.#started(frame);
    else if (frame.type === 'run.over') this.#ended(frame);
    else if (frame.type === 'access.ended') this.dispatchEvent(new Event('signed-out'));
    else if (frame.type === 'conversation.changed') this.#changed(frame.conversation);
    else if (frame.type === 'error' && frame.id?.startsWith('resume:')) this.#lost(frame);
  }

  async #started(frame) {
    this.rail.refreshSoon();
    if (frame.conversation !== this.id || this.runs.has(frame.run_id)) return;
    await this.#ownAcks();
    if (this.runs.has(frame.run_id)) return;
    await this.sync();
    if (!this.thread.turn(frame.answer)) await this.sync({ isWhole: true });
  }

  #ended(frame) {
    this.rail.refreshSoon();
    const run = this.runs.get(frame.run_id);
    // Its last event usually comes with it; if it was lost, it is sent again.
    if (run && !run.isOver) setTimeout(() => run.resume(), FIRST_WORD_MS);
  }

  #changed({ id, title }) {
    this.rail.refreshSoon();
    if (id === this.id && title) this.showTitle(title);
  }

  showTitle(title) {
    find('#page-title').textContent = title;
    document.title = `${title} · Olympus`;
  }

  /** A run the server does not know any more: what is stored is the truth. */
  async #lost(frame) {
    const runId = frame.id.slice('resume:'.length);
    const run = this.runs.get(runId);
    if (!run || frame.code === 'unavailable') return;
    this.runs.delete(runId);
    this.lost.add(runId);
    run.isOver = true;
    this.thread.remove(run.view.article.dataset.message);
    await this.sync({ isWhole: true });
    this.#refreshComposer();
  }

  // ---- following runs

  /** This will follow every answer on the page that is not over. */
  followOpen() {
    for (const article of findAll('.turn[data-run-id]:not([data-over])', this.thread.list)) {
      const { runId } = article.dataset;
      if (!this.runs.has(runId) && !this.lost.has(runId)) this.#follow(runId, article, { state: article.dataset.state }).resume();
    }
  }

  #follow(runId, article, { state }) {
    const known = this.runs.get(runId);
    if (known) return known;
    const view = new AnswerView(article, { onPaint: () => this.pin.follow() });
    const showState = view.showState.bind(view);
    view.showState = (next) => {
      showState(next);
      this.#sayQueued(article, next, runId);
    };
    const run = new Run(runId, { view, resume: (id, after) => this.#resume(id, after), over: () => this.#over(run) });
    this.runs.set(runId, run);
    run.state = state;
    view.showState(state);
    this.#refreshComposer();
    setTimeout(() => run.heardAt || run.resume(), FIRST_WORD_MS);
    return run;
  }

  #resume(runId, after) {
    this.socket.send({ type: 'run.resume', id: `resume:${runId}`, run_id: runId, after });
  }

  #sayQueued(article, state, runId) {
    const message = article.previousElementSibling;
    if (!message?.classList.contains('mine')) return;
    const withdraw = () => {
      const run = this.runs.get(runId);
      run.givesBack = find('.bubble', message).textContent;
      this.#stopRun(run);
    };
    if (state === 'queued') this.thread.say(message, 'Queued after the answer above', ['Withdraw', withdraw]);
    else this.thread.say(message, '');
  }

  #over(run) {
    this.#refreshComposer();
    this.rail.refreshSoon();
    if (run.givesBack && !run.answer.text) this.#giveBack(run.givesBack);
  }

  #refreshComposer() {
    this.composer.setAnswering(this.isAnswering);
  }

  // ---- coming back

  /** This will catch up after the line was down: every open run, and what other tabs did meanwhile. */
  async reconnected() {
    for (const run of this.#open()) {
      run.resume({ force: true });
      if (run.isStopping) this.#stopRun(run);
    }
    this.showPending();
    this.rail.refreshSoon();
    await this.#ownAcks();
    if (this.id) await this.sync({ isWhole: true });
  }

  /** Own messages on their way come back as acks; asking the list too would show them twice for a moment. */
  async #ownAcks() {
    const until = Date.now() + ACK_PATIENCE_MS;
    const isWaiting = () => this.outbox.items().some((item) => this.#isOurs(item) && item.tries && !item.refused);
    while (isWaiting() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** This will fetch the turns the page lacks; `isWhole` makes the page hold exactly the active branch. */
  sync({ isWhole = false } = {}) {
    this.syncing = this.syncing.then(() => this.#sync(isWhole)).catch(() => {});
    return this.syncing;
  }

  async #sync(isWhole) {
    const last = isWhole ? null : this.thread.lastMessageId();
    try {
      const html = await fetchPartial(`/c/${this.id}/messages/${last ? `?after=${last}` : ''}`);
      this.thread.takeHtml(html, { isWhole });
    } catch (error) {
      if (error instanceof SignedOut) this.dispatchEvent(new Event('signed-out'));
      return;
    }
    this.#forgetRemoved();
    this.followOpen();
    this.pin.follow();
  }

  #forgetRemoved() {
    for (const [runId, run] of this.runs) if (!run.view.article.isConnected) this.runs.delete(runId);
    this.#refreshComposer();
  }
}
