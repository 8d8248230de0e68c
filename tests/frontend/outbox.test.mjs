// What was sent is kept until it is acknowledged, goes out in order, and counts once.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { OutboxStore, memoryStorage } from '../../frontend/src/chat/outbox-store.js';
import { Outbox } from '../../frontend/src/chat/outbox.js';

class FakeSocket extends EventTarget {
  isOpen = false;
  sent = [];
  send(frame) {
    if (this.isOpen) this.sent.push(frame);
    return this.isOpen;
  }
  open() {
    this.isOpen = true;
    this.dispatchEvent(new Event('open'));
  }
  down() {
    this.isOpen = false;
    this.dispatchEvent(new Event('down'));
  }
}

const message = (text, conversation = null) => ({ type: 'chat.send', conversation, parent: null, text, options: {} });
const ack = (id) => ({ type: 'ack', id, conversation: 'c1', message: 'm', answer: 'a', run_id: 'r', state: 'processing' });

function build({ local = memoryStorage(), session = memoryStorage(), now = () => 1000 } = {}) {
  const socket = new FakeSocket();
  const store = new OutboxStore('irene@example.org', { local, session, now });
  return { socket, store, outbox: new Outbox(store, socket) };
}

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

test('a message written offline goes out when the line is open', () => {
  const { socket, outbox } = build();

  const item = outbox.post(message('one'), { lane: 'c1' });
  assert.deepEqual(socket.sent, []);
  socket.open();

  assert.deepEqual(socket.sent, [{ ...message('one'), id: item.id }]);
});

test('a message whose ack was lost is sent again with the same id', () => {
  const { socket, outbox } = build();
  const item = outbox.post(message('one'), { lane: 'c1' });
  socket.open();

  socket.down();
  socket.open();
  outbox.take(ack(item.id));
  socket.down();
  socket.open();

  assert.deepEqual(socket.sent.map((frame) => frame.id), [item.id, item.id]);
});

test('a lane is sent in order, one at a time, while others go on', () => {
  const { socket, outbox } = build();
  const [first] = ['one', 'two'].map((text) => outbox.post(message(text, 'c1'), { lane: 'c1' }));
  outbox.post(message('other', 'c2'), { lane: 'c2' });

  socket.open();
  assert.deepEqual(socket.sent.map((frame) => frame.text), ['one', 'other']);
  outbox.take(ack(first.id));

  assert.deepEqual(socket.sent.map((frame) => frame.text), ['one', 'other', 'two']);
});

test('what follows the first message of a new conversation gets its id', () => {
  const { socket, outbox } = build();
  const first = outbox.post({ ...message('one'), options: { temporary: true } }, { lane: 'draft' });
  outbox.post({ ...message('two'), options: { temporary: true } }, { lane: 'draft' });

  socket.open();
  outbox.take(ack(first.id));

  assert.equal(socket.sent[1].conversation, 'c1');
  assert.deepEqual(socket.sent[1].options, {});
});

test('a refused message stays, with the reason, and can be tried again', () => {
  const { socket, outbox } = build();
  socket.open();
  const item = outbox.post(message('one'), { lane: 'c1' });

  outbox.take({ type: 'error', id: item.id, code: 'invalid', content: 'Too long.' });
  assert.deepEqual(outbox.items()[0].refused, { code: 'invalid', content: 'Too long.' });
  outbox.retry(item.id);

  assert.equal(socket.sent.length, 2);
});

test('an error that passes by itself is tried again without a word', () => {
  const { socket, outbox } = build();
  socket.open();
  const item = outbox.post(message('one'), { lane: 'c1' });

  outbox.take({ type: 'error', id: item.id, code: 'unavailable', content: 'Try again.' });
  mock.timers.tick(2000);

  assert.equal(outbox.items()[0].refused ?? null, null);
  assert.equal(socket.sent.length, 2);
});

test('an unsent message can be withdrawn; one that may have arrived is marked', () => {
  const { socket, outbox } = build();
  const unsent = outbox.post(message('one'), { lane: 'c1' });

  outbox.withdraw(unsent.id);
  assert.deepEqual(outbox.items(), []);
  socket.open();
  const sent = outbox.post(message('two'), { lane: 'c1' });
  outbox.withdraw(sent.id);

  assert.equal(outbox.items()[0].isWithdrawn, true);
});

test('a reload keeps what was not acknowledged', () => {
  const local = memoryStorage();
  const session = memoryStorage();
  const before = build({ local, session });
  const item = before.outbox.post(message('one'), { lane: 'c1' });
  before.store.leave();

  const after = build({ local, session });
  after.socket.open();

  assert.deepEqual(after.socket.sent.map((frame) => frame.id), [item.id]);
});

test('a closed tab’s messages are taken over once, by whom finds them first', () => {
  const local = memoryStorage();
  const closed = build({ local, now: () => 1000 });
  const item = closed.outbox.post(message('one'), { lane: 'c1' });
  closed.store.leave();
  const [one, two] = [build({ local, now: () => 9000 }), build({ local, now: () => 9000 })];

  const adopted = [one.store.adopt(), two.store.adopt()];

  assert.deepEqual(adopted.map((items) => items.map((each) => each.id)), [[item.id], []]);
});

test('a living tab’s messages are left to it, a vanished tab’s are not', () => {
  const local = memoryStorage();
  const living = build({ local, now: () => 1000 });
  living.outbox.post(message('one'), { lane: 'c1' });

  assert.equal(build({ local, now: () => 30_000 }).store.adopt().length, 0);
  assert.equal(build({ local, now: () => 200_000 }).store.adopt().length, 1);
});

test('another person at the same browser gets none of it', () => {
  const local = memoryStorage();
  const irene = build({ local, now: () => 1000 });
  irene.outbox.post(message('one'), { lane: 'c1' });
  irene.store.leave();

  const theo = new OutboxStore('theo@example.org', { local, session: memoryStorage(), now: () => 500_000 });

  assert.deepEqual(theo.adopt(), []);
});

test('a full storage keeps the message for as long as the page lives', () => {
  const local = { ...memoryStorage(), setItem() { throw new DOMException('full', 'QuotaExceededError'); } };
  const { socket, outbox } = build({ local });

  const item = outbox.post(message('one'), { lane: 'c1' });
  socket.open();

  assert.deepEqual(socket.sent.map((frame) => frame.id), [item.id]);
});
