// Keeps what is being written: a little after the last key, when the page is left, and not a moment after it was sent.
import { knownOptions } from './parameter-values.js';

// Between two words; a crash loses no more.
const REST_MS = 400;

export class DraftKeeper {
  /**
   * `read()` gives the draft as it is now, `show(draft)` puts one into the composer, `tooLong(is)` tells the person,
   * `isPassing()` whether the conversation is temporary, so that nothing of it stays in the browser.
   */
  constructor(store, place, { read, show, tooLong, isPassing = () => false }) {
    Object.assign(this, { store, place, read, show, tooLong, isPassing });
    this.timer = 0;
    // What the person typed since the page opened is never replaced by what another tab keeps.
    this.isTouched = false;
    addEventListener('pagehide', () => this.keepNow());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && this.keepNow());
    addEventListener('storage', (event) => event.key === store.key(this.place) && this.#otherTab());
  }

  restore() {
    const draft = this.store.read(this.place);
    if (draft) this.show(sound(draft));
    return draft;
  }

  /** This will keep the draft soon. */
  keep() {
    this.isTouched = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepNow(), REST_MS);
  }

  keepNow() {
    if (!this.isTouched) return;
    clearTimeout(this.timer);
    const draft = this.read();
    if (draft) this.tooLong(!this.store.write(this.place, draft, { isPassing: this.isPassing() }));
    else this.forget();
  }

  /** This will forget the draft: it was sent. */
  forget() {
    clearTimeout(this.timer);
    this.store.remove(this.place);
    this.isTouched = false;
    this.tooLong(false);
  }

  /** This will go on in another conversation; what is written meanwhile belongs to it. */
  moveTo(place) {
    if (place === this.place) return;
    // Where nothing was typed here, what is kept there is another tab's.
    if (this.isTouched) this.store.remove(this.place);
    this.place = place;
    this.keepNow();
  }

  #otherTab() {
    if (!this.isTouched) this.show(sound(this.store.read(this.place) ?? {}));
  }
}

/** Storage is anybody's who has the browser's tools: what is no draft is left out. */
function sound({ text = '', model = null, options = null, preset = null, compare = null, files = [], isTemporary = false }) {
  const whole = (Array.isArray(files) ? files : []).filter((file) => /^[0-9a-f-]{36}$/.test(file?.id) && typeof file.name === 'string' && typeof file.mediaType === 'string');
  return { text: String(text), model, compare, preset, options: options && knownOptions(options), files: whole.slice(0, 20), isTemporary: isTemporary === true };
}
