// The tab's one live connection: comes back by itself, notices when the line is dead.

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
// Shorter than the idle limits of common proxies (30 to 60 s).
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 8_000;
// A handshake that takes longer than this is on a dead network.
const OPEN_WITHIN_MS = 10_000;

/** This will choose the wait before the next attempt: full jitter, so that a thousand tabs do not return at once. */
export function waitBefore(attempt, random = Math.random) {
  return random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
}

export class LiveSocket extends EventTarget {
  // Events: "open", "down", and "frame" with the decoded frame as detail.
  constructor(url, { WebSocketClass = globalThis.WebSocket, random = Math.random } = {}) {
    super();
    Object.assign(this, { url, WebSocketClass, random });
    this.attempt = 0;
    this.isOpen = false;
    this.socket = null;
    this.timers = {};
  }

  connect() {
    this.#clear('retry');
    if (this.socket) return;
    const socket = new this.WebSocketClass(this.url);
    this.socket = socket;
    this.#after('open', OPEN_WITHIN_MS, () => this.#drop(socket));
    socket.addEventListener('open', () => this.#opened(socket));
    socket.addEventListener('message', (event) => this.#heard(socket, event.data));
    socket.addEventListener('close', (event) => this.#drop(socket, event.code));
    // 'error' is always followed by 'close'.
  }

  /** This will send a frame if the line is open and say whether it did; a frame sent may still be lost. */
  send(frame) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** This will try again at once: the network or the reader is back. */
  hurry() {
    if (this.isOpen) this.#ping();
    else if (!this.socket) {
      this.attempt = 0;
      this.connect();
    }
  }

  /** This will give the line up, as when the browser says the network is gone; it comes back by itself. */
  drop() {
    if (this.socket) this.#drop(this.socket);
  }

  #opened(socket) {
    if (socket !== this.socket) return;
    this.#clear('open');
    this.isOpen = true;
    this.#after('ping', PING_EVERY_MS, () => this.#ping());
    this.dispatchEvent(new Event('open'));
  }

  #heard(socket, data) {
    if (socket !== this.socket) return;
    // Only a line that carries something counts as good: one that opens and closes again waits longer each time.
    this.attempt = 0;
    this.#clear('pong');
    this.#after('ping', PING_EVERY_MS, () => this.#ping());
    const frame = decode(data);
    if (frame && frame.type !== 'pong') this.dispatchEvent(new CustomEvent('frame', { detail: frame }));
  }

  #ping() {
    const socket = this.socket;
    if (!this.send({ type: 'ping' })) return;
    this.#after('pong', PONG_WITHIN_MS, () => this.#drop(socket));
  }

  #drop(socket, code) {
    if (socket !== this.socket) return;
    for (const name of Object.keys(this.timers)) this.#clear(name);
    this.socket = null;
    this.isOpen = false;
    // Closing a dead line can take a minute; its events are not waited for.
    if (socket.readyState < 2) socket.close();
    this.#after('retry', waitBefore(this.attempt, this.random), () => this.connect());
    this.attempt += 1;
    this.dispatchEvent(new CustomEvent('down', { detail: { attempt: this.attempt, code } }));
  }

  #after(name, wait, work) {
    this.#clear(name);
    this.timers[name] = setTimeout(work, wait);
  }

  #clear(name) {
    clearTimeout(this.timers[name]);
    delete this.timers[name];
  }
}

function decode(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
