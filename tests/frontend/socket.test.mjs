// The line comes back by itself, not all at once, and a dead one is noticed.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { LiveSocket, waitBefore } from '../../frontend/src/chat/socket.js';

class FakeWebSocket extends EventTarget {
  static all = [];
  readyState = 0;
  sent = [];
  constructor() {
    super();
    FakeWebSocket.all.push(this);
  }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 2; }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  lose() {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
  say(frame) {
    const event = new Event('message');
    event.data = typeof frame === 'string' ? frame : JSON.stringify(frame);
    this.dispatchEvent(event);
  }
}

const newest = () => FakeWebSocket.all.at(-1);
const build = () => {
  const socket = new LiveSocket('ws://x/ws/', { WebSocketClass: FakeWebSocket, random: () => 1 });
  socket.connect();
  return socket;
};

beforeEach(() => {
  FakeWebSocket.all = [];
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => mock.timers.reset());

test('the waits double up to ten seconds and are spread over their whole length', () => {
  assert.deepEqual([0, 1, 2, 5, 6, 50].map((attempt) => waitBefore(attempt, () => 1)), [250, 500, 1000, 8000, 10_000, 10_000]);
  assert.equal(waitBefore(6, () => 0), 0);
});

test('a lost line is opened again after the wait', () => {
  const socket = build();
  newest().open();

  newest().lose();
  assert.equal(socket.isOpen, false);
  mock.timers.tick(250);
  newest().open();

  assert.equal(FakeWebSocket.all.length, 2);
  assert.equal(socket.isOpen, true);
});

test('a line that opens and says nothing waits longer each time', () => {
  build();
  for (const wait of [250, 500, 1000]) {
    newest().open();
    newest().lose();
    const count = FakeWebSocket.all.length;
    mock.timers.tick(wait - 1);
    assert.equal(FakeWebSocket.all.length, count);
    mock.timers.tick(1);
    assert.equal(FakeWebSocket.all.length, count + 1);
  }
});

test('a line that does not answer a ping is given up', () => {
  const socket = build();
  newest().open();

  mock.timers.tick(20_000);
  assert.deepEqual(newest().sent, [{ type: 'ping' }]);
  mock.timers.tick(8000);

  assert.equal(socket.isOpen, false);
});

test('a pong, or anything else, keeps the line', () => {
  const socket = build();
  newest().open();

  mock.timers.tick(20_000);
  newest().say({ type: 'pong' });
  mock.timers.tick(8000);

  assert.equal(socket.isOpen, true);
});

test('a handshake that hangs is given up', () => {
  build();

  mock.timers.tick(10_000);
  mock.timers.tick(250);

  assert.equal(FakeWebSocket.all.length, 2);
});

test('hurry tries at once while waiting, and tests a line that seems open', () => {
  const socket = build();
  newest().lose();
  newest().lose();

  socket.hurry();
  assert.equal(FakeWebSocket.all.length, 2);
  newest().open();
  socket.hurry();

  assert.deepEqual(newest().sent, [{ type: 'ping' }]);
});

test('what comes late on a line given up is not heard', () => {
  const socket = build();
  const frames = [];
  socket.addEventListener('frame', (event) => frames.push(event.detail));
  const old = newest();
  old.open();
  old.lose();

  old.say({ type: 'token' });
  mock.timers.tick(250);
  newest().open();
  newest().say('not json');
  newest().say({ type: 'ready' });

  assert.deepEqual(frames, [{ type: 'ready' }]);
});
