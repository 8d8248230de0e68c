// Draws diagrams in a frame that can do nothing else: no origin, no network. One at a time; a frame that hangs is thrown away.
import { make } from '../dom.js';

const ADDRESS = '/embed/diagram/';
const DRAW_MS = 5000;
// The first time some megabytes are loaded.
const LOAD_MS = 20_000;
const MOST_CHARS = 20_000;
const MOST_SVG_CHARS = 2_000_000;
const PARTS = new Set((
  'svg g path rect circle ellipse line polyline polygon text tspan textPath style defs marker clipPath linearGradient radialGradient stop pattern mask ' +
  'symbol use switch title desc filter feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feGaussianBlur feMerge feMergeNode feOffset'
).split(' '));

class DiagramError extends Error {}

let frame = null;
let lastId = 0;
let queue = Promise.resolve();

/** This will draw a diagram and return `{ svg, width, height }`, the SVG without anything that acts. Throws DiagramError. */
export function drawDiagram(text, look) {
  const drawn = queue.then(() => drawNow(text, look));
  queue = drawn.catch(() => {});
  return drawn;
}

async function drawNow(text, look) {
  if (text.length > MOST_CHARS) throw new DiagramError('too long');
  frame ??= await openFrame();
  lastId += 1;
  const id = lastId;
  const answer = nextMessage(frame, (data) => data.id === id, DRAW_MS);
  frame.contentWindow.postMessage({ id, text, ...look }, '*');
  const data = await answer.catch((error) => {
    closeFrame();
    throw error;
  });
  if (typeof data.error === 'string') throw new DiagramError(data.error);
  if (typeof data.svg !== 'string' || data.svg.length > MOST_SVG_CHARS) throw new DiagramError('no picture');
  const [width, height] = [size(data.width), size(data.height)];
  return { svg: checkHarmless(data.svg), width, height };
}

async function openFrame() {
  // Laid out, since mermaid measures its words, but out of sight and out of the way of keys and readers.
  const opened = make('iframe.diagram-frame', { sandbox: 'allow-scripts', src: ADDRESS, tabindex: '-1', 'aria-hidden': 'true', title: '' });
  const isReady = nextMessage(opened, (data) => data.ready === true, LOAD_MS);
  document.body.append(opened);
  try {
    await isReady;
    return opened;
  } catch (error) {
    opened.remove();
    throw error;
  }
}

function closeFrame() {
  frame?.remove();
  frame = null;
}

function nextMessage(from, isIt, patienceMs) {
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      stop.abort();
      reject(new DiagramError('took too long'));
    }, patienceMs);
    const take = ({ source, data }) => {
      if (source !== from.contentWindow || !data || typeof data !== 'object' || !isIt(data)) return;
      clearTimeout(timer);
      stop.abort();
      resolve(data);
    };
    addEventListener('message', take, { signal: stop.signal });
  });
}

function size(value) {
  return Number.isFinite(value) ? Math.min(Math.max(Math.round(value), 16), 8000) : 300;
}

/** As an image an SVG runs no scripts, but somebody may open it in a tab of its own. Throws DiagramError. */
function checkHarmless(svg) {
  // Not parsed: a document made of it would stand under this page's policy, and every style in it would be reported.
  for (const [, name] of svg.matchAll(/<\/?([^\s/>]*)/g)) if (!PARTS.has(name)) throw new DiagramError(`holds <${name.slice(0, 20)}>`);
  if (/<[^>]*\son\w+\s*=|javascript:|@import|\burl\(\s*["']?(?!#)/i.test(svg)) throw new DiagramError('holds more than a picture');
  return svg;
}
