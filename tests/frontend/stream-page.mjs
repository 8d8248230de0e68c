// For test_stream_view.py: feeds texts in pieces to the stream renderer and compares with a whole render.
import { decorate, frameCode } from '../../frontend/src/chat/decorate.js';
import { html, render } from '../../frontend/src/chat/markdown.js';
import { StreamView } from '../../frontend/src/chat/stream-view.js';
import { seeded } from './seeded.mjs';

function whole(text) {
  const root = document.createElement('div');
  root.append(render(text));
  decorate([...root.children]);
  return root.innerHTML;
}

/** What a root shows, without the parts that blocks are kept in. */
function blocksOf(root) {
  for (const part of root.querySelectorAll(':scope > .md-part')) part.replaceWith(...part.childNodes);
  return root.innerHTML;
}

function streamed(text, random, { paintEvery = 1, largest = 9 } = {}) {
  const root = document.createElement('div');
  document.body.append(root);
  const view = new StreamView(root, { onBlocks: decorate, onCode: (pre) => frameCode(pre, { isOpen: true }) });
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const size = 1 + Math.floor(random() * largest);
    view.push(text.slice(at, at + size));
    at += size;
    count += 1;
    if (count % paintEvery === 0) view.paint();
  }
  view.end();
  root.remove();
  return blocksOf(root);
}

function paintCost(text) {
  const root = document.createElement('div');
  document.body.append(root);
  const view = new StreamView(root, {});
  const began = performance.now();
  for (let at = 0; at < text.length; at += 20) {
    view.push(text.slice(at, at + 20));
    view.paint();
  }
  view.end();
  root.remove();
  return performance.now() - began;
}

/** In pieces as large as a frame's, twenty of them; the answer tells how long the longest paint took. */
function streamedLong(text) {
  const root = document.createElement('div');
  document.body.append(root);
  const view = new StreamView(root, {});
  let worst = 0;
  const timed = (work) => {
    const began = performance.now();
    work();
    worst = Math.max(worst, performance.now() - began);
  };
  const size = Math.ceil(text.length / 60);
  for (let at = 0; at < text.length; at += size) {
    view.push(text.slice(at, at + size));
    timed(() => view.paint());
  }
  timed(() => view.end());
  const got = blocksOf(root);
  root.remove();
  const wanted = document.createElement('div');
  wanted.append(render(text));
  return [got, wanted.innerHTML, worst];
}

Object.assign(globalThis, { whole, streamed, streamedLong, seeded, paintCost, serverSide: (text) => html(text, {}), html });
