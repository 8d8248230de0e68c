// The block still being written: shown again with every piece, but of a long one only its end.
import { heal } from './heal.js';
import { render } from './markdown.js';

// Shorter blocks are cheaper to show whole.
const LONG_CHARS = 3000;
// A long paragraph is shown again from about here before its end.
const KEPT_BACK_CHARS = 1500;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])[ \t]/;
const TABLE = /^[^\n]*\|[^\n]*\n {0,3}[-:|][-:| \t]*\n/;
const NEIGHBOR = '\u2063';
const PLAIN = /^[\p{L}\p{N}]/u;

/** This will tell what kind of block a text begins with, as far as it matters for showing a part of it. */
export function kindOf(source) {
  if (ITEM.test(source)) return 'list';
  if (TABLE.test(source)) return 'table';
  if (/^ {0,3}>/.test(source)) return 'quote';
  return PLAIN.test(source) ? 'text' : 'other';
}

export class Tail {
  constructor() {
    this.element = document.createElement('div');
    this.element.className = 'md-part md-tail';
    this.#forget();
  }

  #forget() {
    this.keptTo = 0;
    this.fresh = [];
    this.container = null;
  }

  clear() {
    this.#forget();
    this.element.replaceChildren();
  }

  /** This will put other nodes in place of what is shown. */
  show(...nodes) {
    this.#forget();
    this.element.replaceChildren(...nodes);
  }

  /** This will show the unfinished block; `env` gets what its settled part defines, and is marked when it is too complex. */
  paint(source, env) {
    const cut = source.length < LONG_CHARS ? 0 : settledEnd(source);
    if (!cut || cut < this.keptTo || !this.#paintEnd(source, cut, env)) this.show(render(heal(source), env));
  }

  #paintEnd(source, cut, env) {
    for (const node of this.fresh) node.remove();
    this.fresh = [];
    if (!this.container) {
      this.show(render(heal(source.slice(0, cut)), env));
      this.container = holder(this.element.lastElementChild);
    } else if (cut > this.keptTo) this.#append(source, this.keptTo, cut, env);
    this.keptTo = cut;
    if (!this.container || env.isTooComplex) return false;
    this.fresh = this.#append(source, cut, source.length, env);
    return true;
  }

  #append(source, from, to, env) {
    const isLast = to === source.length;
    const part = source.slice(from, to);
    const fragment = render(inContext(source, isLast ? heal(part) : heal(part.trimEnd()), to), env);
    const nodes = withoutNeighbor([...(holder(fragment.lastElementChild)?.childNodes ?? [])]);
    if (this.container.localName === 'p') nodes.unshift(document.createTextNode(' '));
    this.container.append(...nodes);
    return nodes;
  }
}

/** Where the part of a long block ends that later text changes no more, or only in rare cases until the block is finished. */
function settledEnd(source) {
  const kind = kindOf(source);
  if (kind === 'table') return source.lastIndexOf('\n') + 1;
  if (kind === 'list') return lastItem(source);
  if (kind !== 'text') return 0;
  // A part that is all one word cannot be cut.
  const from = Math.floor((source.length - KEPT_BACK_CHARS) / KEPT_BACK_CHARS) * KEPT_BACK_CHARS;
  return from > 0 ? source.indexOf(' ', from) + 1 : 0;
}

function lastItem(source) {
  const indent = ITEM.exec(source)[1].length;
  for (let at = source.lastIndexOf('\n'); at > 0; at = source.lastIndexOf('\n', at - 1)) {
    const found = ITEM.exec(source.slice(at + 1, at + 20));
    if (found && found[1].length <= indent) return at + 1;
  }
  return 0;
}

/** A part of a block is not the block: a row needs the table's head, an item of a loose list a neighbor. */
function inContext(source, part, to) {
  const kind = kindOf(source);
  if (kind === 'table') return TABLE.exec(source)[0] + part;
  const isLoose = kind === 'list' && /\n[ \t]*\n/.test(source.slice(0, to));
  return isLoose ? `${part}\n\n${ITEM.exec(part)?.[0] ?? ''}${NEIGHBOR}` : part;
}

function withoutNeighbor(nodes) {
  const at = nodes.findIndex((node) => node.localName === 'li' && node.textContent.trim() === NEIGHBOR);
  return at < 0 ? nodes : nodes.slice(0, at);
}

function holder(element) {
  if (element?.localName === 'table') return element.tBodies[0] ?? null;
  return ['ul', 'ol', 'p'].includes(element?.localName) ? element : null;
}
