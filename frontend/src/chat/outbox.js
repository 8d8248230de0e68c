// What the person sent and the server has not yet acknowledged: kept, sent in order, sent again with the same id.
import { newId } from './ids.js';

// An acknowledgment that takes longer than this was lost; the same id is sent again.
const ACK_WITHIN_MS = 10_000;
// Errors that pass by themselves.
const PASSING = new Set(['unavailable', 'internal']);
const RETRY_MS = 2_000;
const MOST_RETRIES = 5;

export class Outbox extends EventTarget {
  // Events: "acked" {item, ack}, "refused" {item, error}, "changed" when something was withdrawn.
  constructor(store, socket) {
    super();
    Object.assign(this, { store, socket });
    this.inFlight = new Map();
    socket.addEventListener('open', () => this.flush());
    socket.addEventListener('down', () => this.#landAll());
  }

  items() {
    return this.store.items();
  }

  /** This will keep a frame until it is acknowledged and send it as soon as it can. `lane` is sent in order. */
  post(frame, { lane, shown = {} }) {
    const item = { id: newId(), at: nextStamp(), frame, lane, shown, tries: 0 };
    this.store.put(item);
    this.flush();
    return item;
  }

  /** This will drop an item, or, if it may have arrived, have it stopped once it is acknowledged. */
  withdraw(id) {
    const item = this.items().find((other) => other.id === id);
    if (!item) return false;
    if (!item.tries || item.refused) this.#forget(id);
    else this.store.put({ ...item, isWithdrawn: true });
    this.dispatchEvent(new Event('changed'));
    this.flush();
    return true;
  }

  retry(id) {
    const item = this.items().find((other) => other.id === id);
    if (!item) return;
    this.store.put({ ...item, refused: null, retries: 0 });
    this.flush();
  }

  /** This will send the first waiting item of every lane. */
  flush() {
    const lanes = new Set();
    for (const item of this.items()) {
      if (item.refused || lanes.has(item.lane)) continue;
      lanes.add(item.lane);
      if (!this.inFlight.has(item.id)) this.#send(item);
    }
  }

  #send(item) {
    // Marked as tried first: from here on it may have arrived.
    this.store.put({ ...item, tries: item.tries + 1 });
    if (!this.socket.send({ ...item.frame, id: item.id })) {
      this.store.put(item);
      return;
    }
    this.#waitFor(item.id, ACK_WITHIN_MS);
  }

  #waitFor(id, wait) {
    this.#land(id);
    const timer = setTimeout(() => {
      this.#land(id);
      this.flush();
    }, wait);
    this.inFlight.set(id, timer);
  }

  /** This will take an ack or an error frame; false if it is about something else. */
  take(frame) {
    const item = this.items().find((other) => other.id === frame.id);
    if (!item) return false;
    if (frame.type === 'ack' || frame.type === 'done') this.#acked(item, frame);
    else if (PASSING.has(frame.code) && (item.retries ?? 0) < MOST_RETRIES) {
      this.store.put({ ...item, retries: (item.retries ?? 0) + 1 });
      this.#waitFor(item.id, RETRY_MS);
    } else this.#refused(item, frame);
    return true;
  }

  #acked(item, ack) {
    this.#forget(item.id);
    // What was typed after it in a conversation that had no id yet can go now.
    for (const other of this.items()) {
      if (other.lane === item.lane && other.frame.type === 'chat.send' && !other.frame.conversation) {
        this.store.put({ ...other, frame: { ...other.frame, conversation: ack.conversation, options: withoutTemporary(other.frame.options) } });
      }
    }
    this.dispatchEvent(new CustomEvent('acked', { detail: { item, ack } }));
    this.flush();
  }

  #refused(item, error) {
    this.#land(item.id);
    if (item.isWithdrawn) this.#forget(item.id);
    else this.store.put({ ...item, refused: { code: error.code, content: error.content } });
    this.dispatchEvent(new CustomEvent('refused', { detail: { item, error } }));
    this.flush();
  }

  #forget(id) {
    this.#land(id);
    this.store.remove(id);
  }

  #land(id) {
    clearTimeout(this.inFlight.get(id));
    this.inFlight.delete(id);
  }

  #landAll() {
    for (const id of [...this.inFlight.keys()]) this.#land(id);
  }
}

function withoutTemporary(options = {}) {
  const { temporary, ...rest } = options;
  return rest;
}

let lastStamp = 0;

/** Times that never repeat, so that the order of typing is kept. */
function nextStamp() {
  lastStamp = Math.max(Date.now(), lastStamp + 1);
  return lastStamp;
}
