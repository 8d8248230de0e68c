// Markdown while it is written, without quadratic work: a finished block is rendered once and never touched again,
// only the block still growing is parsed again, some twenty times a second. In the end the blocks equal a whole render's.
import { TooComplex } from './grammar/budget.js';
import { make } from '../dom.js';
import { blockStarts, isTooLong, render } from './markdown.js';
import { Tail, kindOf } from './tail.js';

const FENCE = /^( {0,3})(`{3,}(?=[^`\n]*\n)|~{3,})([^\n]*)\n/;
const BLANK_LINES = /^(?:[ \t]*\n)+/;
// A displayed formula is one only when it ends: until then its lines could be taken for a heading or a list.
const FORMULA = /^[ \t>*+\-\d.)]*(?:\$\$(?!\$)|\\\[)/m;
// Lines after which a block of this kind surely goes on, so that looking for its end can wait.
const GOES_ON = {
  list: /^(?:(?:[ \t]*| {2,}[^\n]*|\t[^\n]*| {0,3}(?:[-*+]|\d{1,9}[.)])[ \t][^\n]*)\n)*$/,
  table: /^(?: {0,3}\|[^\n]*\n)*$/,
  quote: /^(?: {0,3}>[^\n]*\n)*$/,
  text: /^(?:[\p{L}][^\n]*\n)*$/u,
};
// A frame's work grows with the blocks beside the one that is written; in parts, those out of sight cost nothing.
const BLOCKS_OF_PART = 12;
// Words that come twenty times a second read as flowing, and each time costs the browser a layout and a paint of its own.
const PAINT_GAP_MS = 50;
// What takes longer (a list of hundreds, a slow phone) is painted less often: it gets no more than this part of the time.
const LARGEST_SHARE = 0.2;

export class StreamView {
  /**
   * `onBlocks` gets the elements of each finished block, `onCode` a code block that begins, `onTail` the unfinished block;
   * `onPaint` is called after the page changed.
   */
  constructor(root, { onBlocks = () => {}, onCode = () => {}, onTail = () => {}, onPaint = () => {} } = {}) {
    Object.assign(this, { root, onBlocks, onCode, onTail, onPaint });
    this.tail = new Tail();
    this.paint = this.paint.bind(this);
    this.frame = 0;
    this.timer = 0;
    this.#reset();
  }

  #reset() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = this.timer = 0;
    this.text = '';
    this.start = 0;
    this.env = { isPart: true };
    this.code = null;
    this.plain = null;
    this.part = null;
    this.kind = null;
    this.parsedUpTo = -1;
    this.mayStartAt = 0;
    this.isDone = false;
    this.tail.clear();
    this.root.replaceChildren(this.tail.element);
  }

  /** This will add text and paint it soon. */
  push(chunk) {
    // A line break may arrive in two halves: "\r" waits for its "\n".
    const text = (this.half ?? '') + chunk;
    this.half = text.endsWith('\r') ? '\r' : '';
    this.text += (this.half ? text.slice(0, -1) : text).replace(/\r\n?/g, '\n');
    this.#schedule();
  }

  /** This will start anew with this text. */
  replace(text) {
    this.#reset();
    this.half = '';
    if (text) this.push(text);
  }

  /** This will finish: afterwards the root holds what a whole render of the text gives. */
  end() {
    if (this.isDone) return;
    if (this.half) this.text += '\n';
    this.half = '';
    this.isDone = true;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.paint();
  }

  #schedule() {
    if (this.frame || this.isDone) return;
    const wait = this.mayStartAt - performance.now();
    if (wait <= 0) this.frame = requestAnimationFrame(this.paint);
    else if (!this.timer) {
      this.timer = setTimeout(() => {
        this.timer = 0;
        this.frame = requestAnimationFrame(this.paint);
      }, wait);
    }
  }

  paint() {
    this.frame = 0;
    const began = performance.now();
    while (!this.plain && this.#commitNext());
    if (isTooLong(this.text)) this.#showPlain();
    if (this.isDone) this.#finish();
    else if (this.plain) this.plain.appendData(this.text.slice(this.plain.length));
    else this.#paintTail();
    this.onPaint();
    this.mayStartAt = began + Math.max(PAINT_GAP_MS, (performance.now() - began) / LARGEST_SHARE);
  }

  /** What would take too long to render is shown as it was written. */
  #showPlain() {
    if (this.plain || this.isDone) return;
    const pre = document.createElement('pre');
    pre.className = 'unrendered';
    this.plain = document.createTextNode('');
    pre.append(this.plain);
    this.root.replaceChildren(pre);
  }

  /** Freeze the blocks that can no longer change; false when only the growing one is left. */
  #commitNext() {
    const blank = BLANK_LINES.exec(this.text.slice(this.start, this.start + 4096));
    if (blank) this.#advance(blank[0].length);
    const tail = this.text.slice(this.start);
    const fence = FENCE.exec(tail);
    if (fence) return this.#commitFence(fence, tail);
    // Only whole lines decide: half a line may still join the block before it.
    const whole = tail.lastIndexOf('\n') + 1;
    if (whole === this.parsedUpTo) return false;
    const surelyGoesOn = this.parsedUpTo > 0 && this.#goesOn(tail, whole);
    this.parsedUpTo = whole;
    if (surelyGoesOn) return false;
    this.kind = kindOf(tail);
    const end = this.#endOfSettled(tail.slice(0, whole));
    if (end) this.#commit(end);
    return end > 0;
  }

  #goesOn(tail, whole) {
    const isApart = this.kind !== 'list' && /\n[ \t]*\n$/.test(tail.slice(Math.max(0, this.parsedUpTo - 99), this.parsedUpTo));
    return !isApart && !!GOES_ON[this.kind]?.test(tail.slice(this.parsedUpTo, whole));
  }

  /** How much of these lines is blocks that cannot change any more. */
  #endOfSettled(lines) {
    let starts;
    try {
      starts = blockStarts(lines);
    } catch (error) {
      if (!(error instanceof TooComplex)) throw error;
      this.#showPlain();
      return 0;
    }
    const blank = [...lines.matchAll(/\n[ \t]*\n/g)].at(-1);
    const piece = blank ? blank.index + blank[0].length : 0;
    const limit = FORMULA.test(lines.slice(piece)) ? piece : lines.length;
    const offsets = offsetsOfLines(lines, starts).filter((offset) => offset <= limit);
    return offsets.length < 2 ? 0 : offsets.at(-1);
  }

  #commitFence(fence, tail) {
    this.code ??= { from: fence[0].length, node: null };
    const close = new RegExp(`^ {0,3}${fence[2][0]}{${fence[2].length},}[ \\t]*\\n`, 'gm');
    close.lastIndex = this.code.from;
    const match = close.exec(tail);
    if (match) {
      this.#commit(match.index + match[0].length);
      return true;
    }
    this.code.from = Math.max(this.code.from, tail.lastIndexOf('\n') + 1);
    return false;
  }

  #commit(length) {
    this.#insert(this.text.slice(this.start, this.start + length));
    this.tail.clear();
    this.#advance(length);
  }

  #advance(length) {
    this.start += length;
    this.code = null;
    this.parsedUpTo = -1;
  }

  #insert(source) {
    const fragment = render(source, this.env);
    this.onBlocks([...fragment.children]);
    if (!this.part || this.part.childElementCount >= BLOCKS_OF_PART) {
      this.part = make('div.md-part');
      // Put before the tail, it would cost the browser a layout of all the others (20 ms at 600 blocks against 1).
      this.tail.element.remove();
      this.root.append(this.part, this.tail.element);
    }
    this.part.append(fragment);
    if (this.env.isTooComplex) this.#showPlain();
  }

  #finish() {
    const rest = this.text.slice(this.start);
    this.tail.clear();
    if (!this.plain && rest.trim()) this.#insert(rest);
    this.start = this.text.length;
    this.tail.element.remove();
    // A link's address or a note may be given after it was named; only then the blocks depend on each other.
    const { references, footnotes, isTooComplex } = this.env;
    if (!this.plain && !isTooComplex && !footnotes?.size && !Object.keys(references ?? {}).length) return;
    const fragment = render(this.text);
    const elements = [...fragment.children];
    this.root.replaceChildren(fragment);
    this.onBlocks(elements);
  }

  #paintTail() {
    const tail = this.text.slice(this.start);
    if (this.code) {
      this.#paintCode(FENCE.exec(tail), tail);
      return;
    }
    const { references, footnotes } = this.env;
    const env = { ...this.env, references: { ...references }, footnotes: footnotes && new Map(footnotes) };
    this.tail.paint(tail, env);
    if (env.isTooComplex) this.#showPlain();
    else this.onTail(this.tail.element);
  }

  #paintCode(fence, tail) {
    // The last line is held back while it could be the closing fence.
    const body = tail.slice(fence[0].length).replace(/(^|\n) {0,3}(?:`+|~+)[ \t]*$/, '$1');
    if (!this.code.node) {
      const element = document.createElement('code');
      const language = fence[3].trim().split(/\s+/)[0];
      if (language) element.className = `language-${language}`;
      this.code.node = document.createTextNode('');
      element.append(this.code.node);
      const pre = document.createElement('pre');
      pre.append(element);
      this.tail.show(pre);
      this.onCode(pre);
    }
    if (body.length > this.code.node.length) this.code.node.appendData(body.slice(this.code.node.length));
  }
}

function offsetsOfLines(text, lines) {
  const offsets = [];
  let [at, passed] = [0, 0];
  for (const line of lines) {
    for (; passed < line; passed += 1) at = text.indexOf('\n', at) + 1;
    offsets.push(at);
  }
  return offsets;
}
