// For test_stream_view.py: feeds texts in pieces to the stream renderer and compares with a whole render.
import { decorate, frameCode } from '../../frontend/src/chat/decorate.js';
import { markdown, render } from '../../frontend/src/chat/markdown.js';
import { StreamView } from '../../frontend/src/chat/stream-view.js';
import { seeded } from './seeded.mjs';

function whole(text) {
  const root = document.createElement('div');
  root.append(render(text));
  decorate([...root.children]);
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
  return root.innerHTML;
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

Object.assign(globalThis, { whole, streamed, seeded, paintCost, serverSide: (text) => markdown.render(text) });
