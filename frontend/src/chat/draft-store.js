// Where drafts are kept: one entry a conversation in localStorage, for each person apart, the oldest dropped.
import { safeStorage } from './outbox-store.js';

// More unfinished messages than anybody comes back to.
const MOST_DRAFTS = 50;
// Storage holds about five million characters for all of Olympus; longer drafts would push the others out.
export const MAX_DRAFT_LENGTH = 200_000;

export class DraftStore {
  constructor(person, { local = safeStorage('localStorage'), session = safeStorage('sessionStorage'), now = () => Date.now() } = {}) {
    Object.assign(this, { local, session, now });
    this.prefix = `olympus.draft.${person}.`;
  }

  /** This will name the entry of a conversation, or of the one not begun yet. */
  key(place) {
    return this.prefix + place;
  }

  /** This will return a draft, or null. */
  read(place) {
    return this.#parsed(this.session.getItem(this.key(place))) ?? this.#parsed(this.local.getItem(this.key(place)));
  }

  /** This will keep a draft, a passing one for as long as the tab; false if it is too long or the storage refuses it. */
  write(place, draft, { isPassing = false } = {}) {
    const text = JSON.stringify({ ...draft, at: this.now() });
    if (text.length > MAX_DRAFT_LENGTH) {
      // What is kept must not be older than what the person believes is kept.
      this.remove(place);
      return false;
    }
    const [kept, other] = isPassing ? [this.session, this.local] : [this.local, this.session];
    other.removeItem(this.key(place));
    return this.#put(kept, this.key(place), text);
  }

  remove(place) {
    for (const storage of [this.local, this.session]) storage.removeItem(this.key(place));
  }

  #put(storage, key, text) {
    for (let left = this.#oldestFirst(storage, key); ; left = left.slice(1)) {
      try {
        if (left.length < MOST_DRAFTS) {
          storage.setItem(key, text);
          return true;
        }
      } catch {
        // Full: the oldest goes, then once more.
      }
      if (!left.length) return false;
      storage.removeItem(left[0]);
    }
  }

  #oldestFirst(storage, except) {
    const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at));
    const others = keys.filter((key) => key?.startsWith(this.prefix) && key !== except);
    const age = new Map(others.map((key) => [key, this.#parsed(storage.getItem(key))?.at ?? 0]));
    return others.sort((a, b) => age.get(a) - age.get(b));
  }

  #parsed(text) {
    try {
      const draft = JSON.parse(text ?? 'null');
      return draft && typeof draft === 'object' && typeof (draft.text ?? '') === 'string' ? draft : null;
    } catch {
      return null;
    }
  }
}
