// Markdown while it is written, without quadratic work: a finished block is rendered once and never touched again,
// only the block still growing is parsed again, at most once a frame. In the end the result equals a whole render.
import { heal } from './heal.js';
import { markdown, render } from './markdown.js';

const FENCE = /^( {0,3})(`{3,}(?=[^`\n]*\n)|~{3,})([^\n]*)\n/;
const BLANK_LINES = /^(?:[ \t]*\n)+/;
// A frame has 16 ms; a block that takes longer than this to paint (a list of hundreds) is painted less often.
const CHEAP_PAINT_MS = 6;
const REST_FACTOR = 4;

export class StreamView {
  /**
   * `onBlocks` gets the elements of each finished block, `onCode` a code block that begins;
   * `onPaint` is called after the page changed.
   */
  constructor(root, { onBlocks = () => {}, onCode = () => {}, onPaint = () => {} } = {}) {
    Object.assign(this, { root, onBlocks, onCode, onPaint });
    this.tail = document.createElement('div');
    this.tail.className = 'md-tail';
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
    this.env = {};
    this.code = null;
    this.parsedUpTo = -1;
    this.mayStartAt = 0;
    this.isDone = false;
    this.root.replaceChildren(this.tail);
  }

  /** This will add text and paint it with the next frame. */
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
    while (this.#commitNext());
    if (this.isDone) this.#finish();
    else this.#paintTail();
    const cost = performance.now() - began;
    this.mayStartAt = cost > CHEAP_PAINT_MS ? began + cost * (1 + REST_FACTOR) : 0;
    this.onPaint();
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
    this.parsedUpTo = whole;
    const blocks = markdown.parse(tail.slice(0, whole), { references: { ...this.env.references } });
    const starts = blocks.filter((token) => token.level === 0 && token.map && token.nesting >= 0).map((token) => token.map[0]);
    if (starts.length < 2) return false;
    this.#commit(offsetOfLine(tail, starts.at(-1)));
    return true;
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
    this.tail.replaceChildren();
    this.#advance(length);
  }

  #advance(length) {
    this.start += length;
    this.code = null;
    this.parsedUpTo = -1;
  }

  #insert(source) {
    const fragment = render(source, this.env);
    const elements = [...fragment.children];
    this.tail.before(fragment);
    this.onBlocks(elements);
  }

  #finish() {
    const rest = this.text.slice(this.start);
    this.tail.replaceChildren();
    if (rest.trim()) this.#insert(rest);
    this.start = this.text.length;
    this.tail.remove();
    // A link's address may be given after the link was shown; only then the blocks depend on each other.
    if (Object.keys(this.env.references ?? {}).length) {
      const fragment = render(this.text);
      const elements = [...fragment.children];
      this.root.replaceChildren(fragment);
      this.onBlocks(elements);
    }
  }

  #paintTail() {
    const tail = this.text.slice(this.start);
    if (this.code) this.#paintCode(FENCE.exec(tail), tail);
    else this.tail.replaceChildren(render(heal(tail), { references: { ...this.env.references } }));
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
      this.tail.replaceChildren(pre);
      this.onCode(pre);
    }
    if (body.length > this.code.node.length) this.code.node.appendData(body.slice(this.code.node.length));
  }
}

function offsetOfLine(text, line) {
  let at = 0;
  for (let passed = 0; passed < line; passed += 1) at = text.indexOf('\n', at) + 1;
  return at;
}
