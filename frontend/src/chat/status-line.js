// The composer's fine line: calm words about the connection, else what always holds.
import { icon, make } from '../dom.js';
import { t } from '../i18n.js';

// A line that is back within this time was never worth a word.
const GRACE_MS = 900;

const SENTENCES = {
  offline: () => t('Offline. What you send is kept and goes out once you are back.'),
  unreachable: () => t('No connection to Olympus. What you send is kept and goes out once it is back.'),
  'signed-out': () => t('You are signed out. What you send is kept.'),
};

export class StatusLine {
  constructor(line) {
    this.line = line;
    this.usual = line.textContent.trim();
    this.timer = 0;
    this.connection = null;
    this.hint = '';
  }

  /** This will show the state of the connection: null (good), "offline", "unreachable" or "signed-out". */
  setConnection(state) {
    this.next = state;
    if (!state || this.connection) this.#show(state);
    // Attempts that fail meanwhile do not begin the grace anew.
    else this.timer ||= setTimeout(() => this.#show(this.next), GRACE_MS);
  }

  /** This will show a sentence about what is in the composer, '' for none. */
  setHint(sentence) {
    this.hint = sentence;
    this.#draw();
  }

  #show(state) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.connection = state;
    this.#draw();
  }

  #draw() {
    const sentence = SENTENCES[this.connection]?.() ?? this.hint;
    this.line.dataset.kind = this.connection || this.hint ? 'waiting' : '';
    const glyph = this.connection ? [icon('cloud-off')] : [];
    const signIn = this.connection === 'signed-out' ? [make('a.link', { href: location.href }, t('Sign in again'))] : [];
    const text = make('span', {}, sentence || this.usual);
    if (text.textContent === this.line.textContent.trim()) return;
    this.line.replaceChildren(...glyph, text, ...signIn);
  }
}
