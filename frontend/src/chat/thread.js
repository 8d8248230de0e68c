// The list of turns: adds, replaces and finds them; unsent ones always stand last.
import { find, findAll, icon, make } from '../dom.js';
import { dressComparison } from './comparison.js';
import { decorate } from './decorate.js';
import { depthOf, entriesIn, messageOf, turnsOf } from './entries.js';

const OWN_PAGER = ':scope > .after > .pager';

export class Thread {
  constructor(list) {
    this.list = list;
    this.blankAnswer = find('#blank-answer').content.firstElementChild;
    this.blankMessage = find('#blank-message').content.firstElementChild;
    this.blankComparison = find('#blank-comparison').content.firstElementChild;
    // Answers still being written that were taken off the page because the reader is far away.
    this.afar = new Map();
    this.#dress(list);
    for (const entry of this.entries()) dressComparison(entry);
  }

  entries() {
    return entriesIn(this.list);
  }

  turn(messageId) {
    return find(`.turn[data-message="${messageId}"]`, this.list);
  }

  firstMessageId() {
    return messageOf(this.entries()[0]);
  }

  lastMessageId() {
    return messageOf(this.entries().at(-1));
  }

  lastOwn() {
    return findAll('.turn.mine[data-message]', this.list).at(-1) ?? null;
  }

  lastAnswer() {
    return findAll('.turn.answer[data-message][data-over]', this.list).at(-1) ?? null;
  }

  /** This will tell whether an article is on the page or only out of sight. */
  holds(article) {
    return article.isConnected || this.afar.get(article.dataset.message) === article;
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
    this.#setDepth(turn);
    this.say(turn, '');
    return turn;
  }

  /** This will return the answer's article, made after its message where the page lacks it. */
  answer(answerId, { after = null, runId } = {}) {
    let article = this.turn(answerId);
    if (!article) {
      article = this.#newAnswer(answerId, runId);
      this.#placeAfter(after, article);
    }
    article.dataset.runId = runId;
    return article;
  }

  /** This will return the articles of two answers to one message, side by side; `wanted` is `[{ answer, run_id }, …]`. */
  compare(wanted, { after = null } = {}) {
    if (wanted.some(({ answer }) => this.turn(answer))) return wanted.map(({ answer }) => this.turn(answer));
    const section = this.blankComparison.cloneNode(true);
    const articles = wanted.map(({ answer, run_id: runId }) => this.#newAnswer(answer, runId));
    section.dataset.message = wanted[0].answer;
    find('.sides', section).append(...articles);
    this.#placeAfter(after, section);
    dressComparison(section);
    return articles;
  }

  #newAnswer(answerId, runId) {
    const article = this.blankAnswer.cloneNode(true);
    Object.assign(article.dataset, { message: answerId, runId, new: '' });
    find('time', article).textContent = clock();
    return article;
  }

  #placeAfter(message, entry) {
    if (message) message.after(entry);
    else this.#append(entry);
    this.#setDepth(entry);
  }

  /** A turn the server has not numbered yet follows the one above it. */
  #setDepth(entry) {
    const entries = this.entries();
    const above = depthOf(entries[entries.indexOf(entry) - 1]);
    entry.dataset.depth = String(above === null ? entries.indexOf(entry) : above + 1);
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
    const turn = this.turn(messageId);
    this.afar.delete(messageId);
    turn?.remove();
  }

  /**
   * This will take turns of the server (see `readTurns`). `how` is "whole" (the page ends up with exactly those),
   * "jump" (as well, but only the reader moved), "before" or "after" (they are added to that end). Turns the page has already stay as they are, so that nothing
   * being read or written jumps.
   */
  take(entries, how) {
    if (entries.length) find('.threshold', this.list)?.remove();
    const placed = entries.map((entry) => this.#known(entry));
    if (how === 'whole' || how === 'jump') this.#placeAll(placed, { isJump: how === 'jump' });
    else if (how === 'before') this.list.prepend(...placed.filter((entry) => !entry.isConnected));
    else for (const entry of placed) if (!entry.isConnected) this.#append(entry);
  }

  /** The page's own entry for one of the server's, else the server's, dressed. */
  #known(fresh) {
    const known = fresh.matches('.comparison') ? this.#knownComparison(fresh) : this.#knownTurn(fresh);
    if (known) {
      refresh(known, fresh);
      return known;
    }
    const entry = document.adoptNode(fresh);
    this.#dress(entry);
    dressComparison(entry);
    return entry;
  }

  #knownTurn(fresh) {
    const id = fresh.dataset.message;
    const found = this.turn(id) ?? this.afar.get(id) ?? null;
    this.afar.delete(id);
    // One kept out of a comparison stands alone from now on.
    if (found?.closest('.comparison')) found.remove();
    return found;
  }

  #knownComparison(fresh) {
    const sides = turnsOf(fresh);
    const known = sides.map((side) => this.turn(side.dataset.message));
    const section = known[0]?.closest('.comparison');
    if (section && known.every((side) => side?.closest('.comparison') === section)) return section;
    // Answers that are here already, being written perhaps, move in.
    for (const side of sides) {
      const id = side.dataset.message;
      const here = this.turn(id) ?? this.afar.get(id);
      this.afar.delete(id);
      if (here) side.replaceWith(here);
    }
    return null;
  }

  #placeAll(placed, { isJump }) {
    const kept = new Set(placed);
    const gone = this.entries().filter((entry) => !kept.has(entry));
    if (isJump) this.putAway(gone);
    else {
      for (const entry of gone) entry.remove();
      this.afar.clear();
    }
    let before = null;
    for (const entry of placed) {
      const next = before ? before.nextElementSibling : this.list.firstElementChild;
      if (next === entry) before = entry;
      else {
        if (before) before.after(entry);
        else this.list.prepend(entry);
        before = entry;
      }
    }
  }

  /** This will take entries off the page; answers still being written go on out of sight. */
  putAway(entries) {
    for (const entry of entries) {
      for (const turn of turnsOf(entry)) {
        if (turn.dataset.runId && !('over' in turn.dataset)) this.afar.set(turn.dataset.message, turn);
      }
      entry.remove();
    }
  }

  #dress(root) {
    decorate(findAll('.prose > *', root));
    // The server does not know where the reader's clock is.
    for (const time of findAll('time[datetime]', root)) time.textContent = clock(new Date(time.dateTime));
  }

  #append(entry) {
    const firstPending = find('.turn[data-outbox]', this.list);
    if (firstPending) firstPending.before(entry);
    else this.list.append(entry);
  }
}

/** What the server knows better by now: a turn's number, and the versions beside it. */
function refresh(known, fresh) {
  for (const name of ['depth', 'comparison', 'message']) if (fresh.dataset[name]) known.dataset[name] = fresh.dataset[name];
  const pager = find(OWN_PAGER, fresh);
  const shown = find(OWN_PAGER, known);
  if (shown && pager && shown.outerHTML !== pager.outerHTML) shown.replaceWith(document.adoptNode(pager));
}

function sentClip({ id, name, url, mediaType }) {
  const isImage = mediaType?.startsWith('image/');
  const clip = make('span.clip');
  clip.dataset.file = id;
  if (url && isImage) clip.append(make('img.picture', { src: url, alt: name }));
  else clip.append(make('span.tile', {}, icon(isImage ? 'image' : 'file-text', 's')), make('span.what', {}, make('b', {}, name)));
  return clip;
}

/** This will name the files a message of the page was sent with. */
export function filesOf(turn) {
  return findAll('.clips .clip', turn).map((clip) => {
    const picture = find('img', clip);
    // The server's picture is a link to the file, and says by that which it is.
    const id = clip.dataset.file ?? clip.pathname.split('/')[2];
    return { id, name: picture?.alt ?? find('b', clip).textContent, mediaType: picture ? 'image/*' : 'text/plain' };
  });
}

function clock(when = new Date()) {
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(when);
}
