// A text that arrives in numbered pieces: each says where it starts, so nothing doubles and nothing is missed.
import { codePointLength, withoutFirst } from './codepoints.js';

export class Strand {
  constructor() {
    this.text = '';
    this.length = 0;
  }

  /**
   * This will take a piece that starts at `offset` code points and return what of it is new.
   * '' when all of it is known; null when there is a gap before it, and nothing is taken.
   */
  splice(offset, content) {
    if (offset > this.length) return null;
    const fresh = offset === this.length ? content : withoutFirst(content, this.length - offset);
    this.text += fresh;
    this.length += codePointLength(fresh);
    return fresh;
  }

  /** This will replace all of the text. */
  replace(text) {
    this.text = text;
    this.length = codePointLength(text);
  }
}
