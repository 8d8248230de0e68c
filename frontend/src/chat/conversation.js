// The conversation of this page: what is sent, what comes back, and what other tabs do to it.
import { announce, find } from '../dom.js';
import { t } from '../i18n.js';
import { AnswerView } from './answer-view.js';
import { entryOf, turnsOf } from './entries.js';
import { Gone, SignedOut, fetchPartial } from './fetching.js';
import { Following } from './following.js';
import { newId } from './ids.js';
import { filesOf } from './thread.js';
import { Unsent } from './unsent.js';
import { Window } from './window.js';

// How long an own acknowledgment is waited for before the server's list is asked instead.
const ACK_PATIENCE_MS = 3000;
// As long as the server makes titles.
const TITLE_LENGTH = 60;
// An answer's end and its unread mark come at about the same time; once both are there they are seen together.
const SEEN_AFTER_MS = 400;
// Who presses twice within this means it once.
const SECOND_PRESS_MS = 1000;

export class Conversation extends EventTarget {
  // Events: "begun" when a new one got its id, "signed-out", "gone" when it is not there any more, "switched" {message}.
  constructor({ id, socket, outbox, thread, composer, pin, rail }) {
    super();
    Object.assign(this, { id, socket, outbox, thread, composer, pin, rail });
    this.draft = history.state?.draft ?? newId();
    if (!id) history.replaceState({ ...history.state, draft: this.draft }, '');
    this.seenTimer = 0;
    this.wentOnAt = 0;
    this.window = new Window({ scroller: pin.scroller, thread, pin, fetchTurns: (parameters) => this.#fetchTurns(parameters) });
    this.following = new Following({ socket, thread, onPaint: () => this.pin.follow() });
    this.unsent = new Unsent({ outbox, socket, thread, isOurs: (item) => this.#isOurs(item), giveBack: (said) => this.#giveBack(said) });
    this.#wire();
    this.following.followOpen();
    this.showPending();
  }

  #wire() {
    this.outbox.addEventListener('acked', (event) => this.#acked(event.detail));
    this.outbox.addEventListener('refused', (event) => this.#refused(event.detail));
    this.following.addEventListener('changed', () => this.composer.setAnswering(this.isAnswering));
    this.following.addEventListener('state', (event) => this.#sayQueued(event.detail));
    this.following.addEventListener('over', (event) => this.#over(event.detail.run));
    this.window.addEventListener('changed', () => this.following.followOpen());
  }

  get runs() {
    return this.following.runs;
  }

  get lane() {
    return this.id ?? this.draft;
  }

  get isAnswering() {
    return this.following.open().length > 0;
  }

  // ---- what the person does

  /** This will send a message; `compare` names a second model, `steer` stops what is being written and goes on with this. */
  async send({ text, files, model, isTemporary, options = {}, compare = null, steer = false, project = null }) {
    const all = isTemporary && !this.id ? { ...options, temporary: true } : options;
    const frame = { type: 'chat.send', conversation: this.id, parent: null, text, model, options: all, attachments: files.map((file) => file.id) };
    if (compare) frame.compare = compare;
    if (steer) frame.steer = true;
    if (project && !this.id) frame.project = project;
    this.#readHere();
    // Kept before anything else: what is typed is never lost.
    this.outbox.post(frame, { lane: this.lane, shown: { files } });
    this.composer.begin();
    if (!this.window.isAtNewest) await this.toNewest();
    this.showPending();
    this.pin.toEnd();
  }

  /** This will answer again, by the model of the composer or another one. */
  again(article, model = this.composer.menu.model) {
    // A second press before the first is answered asks for nothing more.
    if ('again' in article.dataset) return;
    this.#readHere();
    article.dataset.again = '';
    const frame = { type: 'chat.regenerate', message: article.dataset.message, model };
    this.outbox.post(frame, { lane: this.lane, shown: { conversation: this.id } });
  }

  /** This will ask for the rest of an answer that was cut short. */
  goOn() {
    if (Date.now() - this.wentOnAt < SECOND_PRESS_MS) return;
    this.wentOnAt = Date.now();
    this.send({ text: t('Go on exactly where you stopped.'), files: [], model: this.composer.menu.model, isTemporary: false });
  }

  edit(turn, text) {
    const bubble = find('.bubble', turn);
    const shown = { conversation: this.id, before: bubble.textContent };
    bubble.textContent = text;
    turn.dataset.state = 'pending';
    this.outbox.post({ type: 'chat.edit', message: turn.dataset.message, text }, { lane: this.lane, shown });
  }

  /** This will read on at another version, in every tab; `message` is any message on its branch. `keep` ends its comparison. */
  choose(message, { keep = false } = {}) {
    this.outbox.post({ type: 'chat.select', message, keep }, { lane: this.lane, shown: { conversation: this.id } });
    if (!this.socket.isOpen) announce(t('Waiting for the connection'));
  }

  /** Whoever came to an older version by a link and writes goes on from there. */
  #readHere() {
    const { isAside, leaf } = this.window.place;
    if (!isAside || !leaf) return;
    this.window.readHere();
    this.choose(leaf);
  }

  /** This will stop what is being written, else the first that waits. */
  stop() {
    const open = this.following.open();
    const writing = open.filter((run) => run.state !== 'queued');
    for (const run of writing.length ? writing : open.slice(0, 1)) this.following.stop(run);
  }

  stopOne(article) {
    const run = this.following.of(article);
    if (run) this.following.stop(run);
  }

  async toNewest() {
    try {
      await this.window.toNewest();
    } catch (error) {
      this.#failed(error);
    }
    this.pin.toEnd();
  }

  /** This will tell the server that the answers have been looked at. */
  seenSoon() {
    clearTimeout(this.seenTimer);
    this.seenTimer = setTimeout(() => {
      if (this.id && document.visibilityState === 'visible') this.socket.send({ type: 'chat.seen', conversation: this.id });
    }, SEEN_AFTER_MS);
  }

  // ---- what is not acknowledged yet

  showPending() {
    this.unsent.show();
  }

  #isOurs(item) {
    const conversation = item.frame.conversation ?? item.shown.conversation;
    return conversation ? conversation === this.id : item.lane === this.draft;
  }

  #giveBack({ text, files }) {
    // What was typed meanwhile stays what it is.
    if (this.composer.isEmpty) {
      this.composer.text = text;
      this.composer.attachments.restore(files);
    }
    this.composer.focus();
  }

  // ---- what the server says

  async #acked({ item, ack }) {
    if (item.isWithdrawn && ack.run_id) this.socket.send({ type: 'chat.stop', run_id: ack.run_id });
    if (!this.#isOurs(item)) return;
    if (!this.id) this.#begin(ack.conversation, item.frame);
    // Whatever was taken made its branch the one being read.
    this.window.readHere();
    if (item.frame.type === 'chat.select') await this.#chosen(item.frame.message);
    else if (item.frame.type !== 'chat.send') await this.sync({ isWhole: true });
    else if (!item.isWithdrawn) await this.window.inTurn(() => this.#placeSent(item, ack));
    this.#followAcked(ack);
    this.pin.follow();
  }

  #placeSent(item, ack) {
    // Far from the end the message is not shown; its answer is told of below.
    if (!this.window.isAtNewest) return this.showPending();
    const isHere = this.thread.turn(ack.message);
    const after = this.thread.settle(this.thread.pending(item.id) ?? (isHere ? null : this.thread.addPending(item)), ack.message);
    if (ack.also) this.thread.compare([ack, ack.also], { after });
    else this.thread.answer(ack.answer, { after, runId: ack.run_id });
    return null;
  }

  #followAcked(ack) {
    for (const { answer, run_id: runId } of [ack, ack.also].filter((one) => one?.answer)) {
      const article = this.thread.turn(answer);
      if (article) this.following.follow(runId, article, { state: ack.state });
    }
  }

  async #chosen(message) {
    await this.sync({ isWhole: true });
    this.dispatchEvent(new CustomEvent('switched', { detail: { message } }));
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
    announce(t('Not sent. {reason}', { reason: error.content }));
    if (item.frame.type === 'chat.send') {
      this.showPending();
      return;
    }
    // An edit, a new attempt or a choice changed nothing: show what is, and why.
    this.outbox.withdraw(item.id);
    const turn = this.thread.turn(item.frame.message);
    if (item.frame.type === 'chat.select') this.dispatchEvent(new CustomEvent('refused', { detail: error }));
    else if (turn) this.#takeBack(turn, item, error);
  }

  #takeBack(turn, item, error) {
    delete turn.dataset.again;
    if (item.frame.type === 'chat.edit') {
      find('.bubble', turn).textContent = item.shown.before;
      turn.dataset.state = 'complete';
      this.thread.say(turn, t('Not changed. {reason}', { reason: error.content }));
    } else new AnswerView(turn).fail({ content: error.content, keptLength: 1 });
  }

  /** This will take a frame that is not an answer to something sent. */
  take(frame) {
    if (frame.metadata) this.following.take(frame);
    else if (frame.type === 'run.started') this.#started(frame);
    else if (frame.type === 'run.over') this.#ended(frame);
    else if (frame.type === 'access.ended') this.dispatchEvent(new Event('signed-out'));
    else if (frame.type === 'conversation.changed') this.#changed(frame.conversation);
    else if (frame.type === 'conversation.branch') this.#branched(frame);
    else if (frame.type === 'error' && frame.id?.startsWith('resume:')) this.#lost(frame);
  }

  async #started(frame) {
    this.rail.refreshSoon();
    if (frame.conversation !== this.id || this.runs.has(frame.run_id)) return;
    await this.#ownAcks();
    if (this.runs.has(frame.run_id)) return;
    this.pin.tellNew();
    await this.sync();
    if (this.window.isAtNewest && !this.thread.turn(frame.answer)) await this.sync({ isWhole: true });
  }

  #ended(frame) {
    this.rail.refreshSoon();
    this.following.ended(frame.run_id);
    if (frame.conversation === this.id) this.seenSoon();
  }

  #changed({ id, title }) {
    this.rail.refreshSoon();
    if (id === this.id && title) this.showTitle(title);
  }

  /** Another tab reads on at another version: this one follows. */
  async #branched({ conversation, leaf }) {
    if (conversation !== this.id) return;
    await this.#ownAcks();
    const isCompared = entryOf(this.thread.turn(leaf))?.matches('.comparison');
    if (!isCompared && (this.thread.lastMessageId() === leaf || this.window.place.leaf === leaf)) return;
    this.window.readHere();
    await this.sync({ isWhole: true });
  }

  showTitle(title) {
    find('#page-title').textContent = title;
    document.title = `${title} · Olympus`;
  }

  /** A run the server does not know any more: what is stored is the truth. */
  async #lost(frame) {
    if (frame.code === 'unavailable') return;
    if (this.following.lose(frame.id.slice('resume:'.length))) await this.sync({ isWhole: true });
  }

  // ---- following runs

  #sayQueued({ article, state, runId }) {
    const entry = entryOf(article);
    const message = entry?.previousElementSibling;
    if (!message?.classList.contains('mine')) return;
    const withdraw = () => {
      this.runs.get(runId).givesBack = { text: find('.bubble', message).textContent, files: filesOf(message) };
      for (const turn of turnsOf(entry)) this.stopOne(turn);
    };
    if (state === 'queued') this.thread.say(message, t('Queued after the answer above'), [t('Withdraw'), withdraw]);
    else this.thread.say(message, '');
    // Withdrawn too late: it had begun, and the files stay with it.
    const back = this.runs.get(runId)?.givesBack;
    if (back && state !== 'queued' && state !== 'cancelled') back.files = [];
  }

  #over(run) {
    this.rail.refreshSoon();
    this.seenSoon();
    this.pin.tellNew();
    this.window.trimBefore();
    if (!run.givesBack || run.answer.text) return;
    this.#giveBack(run.givesBack);
    // What is withdrawn is on no branch any more, and so not on the page.
    this.sync({ isWhole: true });
  }

  // ---- coming back

  /** This will catch up after the line was down: every open run, and what other tabs did meanwhile. */
  async reconnected() {
    this.following.resumeAll();
    this.rail.refreshSoon();
    if (this.unsent.items().length) await this.toNewest();
    this.showPending();
    await this.#ownAcks();
    if (this.id) await this.sync({ isWhole: true });
    this.seenSoon();
  }

  /** Own messages on their way come back as acks; asking the list too would show them twice for a moment. */
  async #ownAcks() {
    const until = Date.now() + ACK_PATIENCE_MS;
    const isWaiting = () => this.outbox.items().some((item) => this.#isOurs(item) && item.tries && !item.refused);
    while (isWaiting() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** This will fetch the turns the page lacks; `isWhole` makes the page hold exactly the branch being read. */
  async sync({ isWhole = false } = {}) {
    try {
      await (isWhole ? this.window.whole() : this.window.newer());
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.following.forgetRemoved();
    this.following.followOpen();
    this.pin.follow();
  }

  #fetchTurns(parameters) {
    return fetchPartial(`/c/${this.id}/messages/${parameters ? `?${parameters}` : ''}`);
  }

  #failed(error) {
    if (error instanceof SignedOut) this.dispatchEvent(new Event('signed-out'));
    else if (error instanceof Gone) this.dispatchEvent(new Event('gone'));
    // Anything else passes: the line comes back, and then all is fetched anew.
  }
}
