// The list of turns: adds, replaces and finds them; unsent ones always stand last.
import { find, findAll, icon, make } from '../dom.js';
import { decorate } from './decorate.js';

export class Thread {
  constructor(list) {
    this.list = list;
    this.blankAnswer = find('#blank-answer').content.firstElementChild;
    this.blankMessage = find('#blank-message').content.firstElementChild;
    this.#dress(list);
  }

  get isEmpty() {
    return !find('.turn', this.list);
  }

  turn(messageId) {
    return find(`.turn[data-message="${messageId}"]`, this.list);
  }

  lastMessageId() {
    return findAll('.turn[data-message]', this.list).at(-1)?.dataset.message ?? null;
  }

  lastOwn() {
    return findAll('.turn.mine[data-message]', this.list).at(-1) ?? null;
  }

  /** This will show what was just sent and is not acknowledged yet. */
  addPending(item) {
    find('.threshold', this.list)?.remove();
    const turn = this.blankMessage.cloneNode(true);
    turn.dataset.outbox = item.id;
    turn.dataset.state = 'pending';
    turn.dataset.new = '';
    find('.bubble', turn).textContent = item.frame.text;
    find('.bubble', turn).hidden = !item.frame.text;
    find('.clips', turn).replaceChildren(...(item.shown.files ?? []).map(sentClip));
    this.list.append(turn);
    return turn;
  }

  pending(itemId) {
    return find(`.turn[data-outbox="${itemId}"]`, this.list);
  }

  allPending() {
    return findAll('.turn[data-outbox]', this.list);
  }

  /** This will turn a pending message into a stored one; if the page has it already, the pending one goes. */
  settle(turn, messageId) {
    const known = this.turn(messageId);
    if (known && known !== turn) {
      turn?.remove();
      return known;
    }
    if (!turn) return null;
    delete turn.dataset.outbox;
    turn.dataset.message = messageId;
    turn.dataset.state = 'complete';
    this.say(turn, '');
    return turn;
  }

  /** This will return the answer's article, made after its message where the page lacks it. */
  answer(answerId, { after = null, runId } = {}) {
    let article = this.turn(answerId);
    if (!article) {
      article = this.blankAnswer.cloneNode(true);
      article.dataset.message = answerId;
      article.dataset.new = '';
      find('time', article).textContent = clock();
      if (after) after.after(article);
      else this.#append(article);
    }
    if (runId) article.dataset.runId = runId;
    return article;
  }

  /** This will write the small line below a message, with buttons: `[label, action, …]`. */
  say(turn, sentence, ...buttons) {
    const line = find('.waiting', turn);
    line.hidden = !sentence;
    line.replaceChildren(
      make('span', {}, sentence),
      ...buttons.map(([label, act]) => make('button.button.ghost.small', { type: 'button', onclick: act }, label)),
    );
  }

  remove(messageId) {
    this.turn(messageId)?.remove();
  }

  /**
   * This will take the server's turns. With `isWhole` the page ends up with exactly those;
   * turns the page has already stay as they are, so that nothing being read or written jumps.
   */
  takeHtml(html, { isWhole = false } = {}) {
    const parsed = new DOMParser().parseFromString(html, 'text/html');
    const fresh = findAll('.turn[data-message]', parsed);
    if (fresh.length) find('.threshold', this.list)?.remove();
    if (isWhole) this.#removeAllBut(new Set(fresh.map((turn) => turn.dataset.message)));
    let before = null;
    for (const turn of fresh) {
      const known = this.turn(turn.dataset.message);
      const placed = known ?? document.adoptNode(turn);
      if (!known) this.#dress(placed);
      if (isWhole && before && before.nextElementSibling !== placed) before.after(placed);
      else if (isWhole && !before && this.list.firstElementChild !== placed) this.list.prepend(placed);
      else if (!known) this.#append(placed);
      before = placed;
    }
    return fresh.length;
  }

  #dress(root) {
    decorate(findAll('.prose > *', root));
    // The server does not know where the reader's clock is.
    for (const time of findAll('time[datetime]', root)) time.textContent = clock(new Date(time.dateTime));
  }

  #removeAllBut(ids) {
    for (const turn of findAll('.turn[data-message]', this.list)) if (!ids.has(turn.dataset.message)) turn.remove();
  }

  #append(turn) {
    const firstPending = find('.turn[data-outbox]', this.list);
    if (firstPending) firstPending.before(turn);
    else this.list.append(turn);
  }
}

function sentClip({ name, url, mediaType }) {
  if (url && mediaType?.startsWith('image/')) return make('span.clip', {}, make('img.picture', { src: url, alt: name }));
  const tile = make('span.tile', {}, icon(mediaType?.startsWith('image/') ? 'image' : 'file-text', 's'));
  return make('span.clip', {}, tile, make('span.what', {}, make('b', {}, name)));
}

function clock(when = new Date()) {
  return new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(when);
}
