// Where drafts are kept: one entry a conversation in localStorage, for each person apart, the oldest dropped.
import { safeStorage } from './outbox-store.js';

// More unfinished messages than anybody comes back to.
const MOST_DRAFTS = 50;
// Storage holds about five million characters for all of Olympus; longer drafts would push the others out.
export const MAX_DRAFT_LENGTH = 200_000;

export class DraftStore {
  constructor(person, { local = safeStorage('localStorage'), now = () => Date.now() } = {}) {
    Object.assign(this, { local, now });
    this.prefix = `olympus.draft.${person}.`;
  }

  /** This will name the entry of a conversation, or of the one not begun yet. */
  key(place) {
    return this.prefix + place;
  }

  /** This will return a draft, or null. */
  read(place) {
    return this.#parsed(this.local.getItem(this.key(place)));
  }

  /** This will keep a draft; false if it is too long or the storage refuses it. */
  write(place, draft) {
    const text = JSON.stringify({ ...draft, at: this.now() });
    if (text.length > MAX_DRAFT_LENGTH) {
      // What is kept must not be older than what the person believes is kept.
      this.remove(place);
      return false;
    }
    return this.#put(this.key(place), text);
  }

  remove(place) {
    this.local.removeItem(this.key(place));
  }

  #put(key, text) {
    for (let left = this.#oldestFirst(key); ; left = left.slice(1)) {
      try {
        if (left.length < MOST_DRAFTS) {
          this.local.setItem(key, text);
          return true;
        }
      } catch {
        // Full: the oldest goes, then once more.
      }
      if (!left.length) return false;
      this.local.removeItem(left[0]);
    }
  }

  #oldestFirst(except) {
    const keys = Array.from({ length: this.local.length }, (_, at) => this.local.key(at));
    const others = keys.filter((key) => key?.startsWith(this.prefix) && key !== except);
    const age = new Map(others.map((key) => [key, this.#parsed(this.local.getItem(key))?.at ?? 0]));
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
