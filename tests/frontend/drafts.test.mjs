// A draft is there after a reload, is its person's own, and never costs what is being typed.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { MAX_DRAFT_LENGTH, DraftStore } from '../../frontend/src/chat/draft-store.js';
import { memoryStorage } from '../../frontend/src/chat/outbox-store.js';

const page = new EventTarget();
globalThis.document ??= Object.assign(new EventTarget(), { visibilityState: 'visible' });
globalThis.addEventListener = page.addEventListener.bind(page);
const { DraftKeeper } = await import('../../frontend/src/chat/draft-keeper.js');

function storeOf(local, person = 'irene@example.org', now = () => 1, session = memoryStorage()) {
  return new DraftStore(person, { local, session, now });
}

function keeperOf(local, place = 'new') {
  const field = { text: '', files: [] };
  const keeper = new DraftKeeper(storeOf(local), place, {
    read: () => (field.text ? { text: field.text, files: field.files } : null),
    show: (draft) => Object.assign(field, draft),
    tooLong: (is) => Object.assign(field, { isTooLong: is }),
  });
  return { field, keeper };
}

function otherTabWrote(key) {
  page.dispatchEvent(Object.assign(new Event('storage'), { key }));
}

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

test('what was typed is there after a reload', () => {
  const local = memoryStorage();
  const before = keeperOf(local);
  before.field.text = 'Half a thought';
  before.keeper.keep();
  mock.timers.tick(1000);

  const after = keeperOf(local);
  after.keeper.restore();

  assert.equal(after.field.text, 'Half a thought');
});

test('no key is written by itself: many at once are one write', () => {
  const local = memoryStorage();
  let writes = 0;
  const counting = { ...local, setItem: (key, value) => { writes += 1; local.setItem(key, value); } };
  const { field, keeper } = keeperOf(counting);

  for (const text of ['a', 'ab', 'abc']) {
    field.text = text;
    keeper.keep();
    mock.timers.tick(50);
  }
  mock.timers.tick(1000);

  assert.equal(writes, 1);
  assert.equal(storeOf(local).read('new').text, 'abc');
});

test('leaving the page keeps what the pause has not yet', () => {
  const local = memoryStorage();
  const { field, keeper } = keeperOf(local);
  field.text = 'Quickly gone';
  keeper.keep();

  page.dispatchEvent(new Event('pagehide'));

  assert.equal(storeOf(local).read('new').text, 'Quickly gone');
});

test('a sent draft is gone, and stays gone', () => {
  const local = memoryStorage();
  const { field, keeper } = keeperOf(local);
  field.text = 'Sent';
  keeper.keep();
  keeper.keepNow();

  field.text = '';
  keeper.forget();
  mock.timers.tick(1000);

  assert.equal(storeOf(local).read('new'), null);
});

test('what is typed while a conversation begins belongs to it', () => {
  const local = memoryStorage();
  const { field, keeper } = keeperOf(local);
  field.text = 'A second thought';
  keeper.keep();

  keeper.moveTo('c1');

  assert.equal(storeOf(local).read('new'), null);
  assert.equal(storeOf(local).read('c1').text, 'A second thought');
});

test('another tab’s draft is taken over only where nothing was typed', () => {
  const local = memoryStorage();
  const [typing, idle] = [keeperOf(local), keeperOf(local)];
  typing.field.text = 'Mine';
  typing.keeper.keep();
  storeOf(local).write('new', { text: 'From elsewhere' });

  otherTabWrote(storeOf(local).key('new'));

  assert.equal(typing.field.text, 'Mine');
  assert.equal(idle.field.text, 'From elsewhere');
});

test('what another tab sent disappears where nothing was typed', () => {
  const local = memoryStorage();
  storeOf(local).write('new', { text: 'Sent elsewhere' });
  const { field, keeper } = keeperOf(local);
  keeper.restore();
  storeOf(local).remove('new');

  otherTabWrote(storeOf(local).key('new'));

  assert.equal(field.text, '');
});

test('the oldest drafts make room', () => {
  const local = memoryStorage();
  let time = 0;
  const store = storeOf(local, 'irene@example.org', () => (time += 1));

  for (let count = 0; count < 60; count += 1) store.write(`c${count}`, { text: `draft ${count}` });

  assert.equal(store.read('c0'), null);
  assert.equal(store.read('c9'), null);
  assert.equal(store.read('c10').text, 'draft 10');
  assert.equal(local.length, 50);
});

test('a full storage drops other drafts first, and says so when that is not enough', () => {
  const local = memoryStorage();
  const store = storeOf(local);
  store.write('old', { text: 'old' });
  let room = 1;
  const full = { ...memoryStorage(), get length() { return local.length; }, key: local.key, getItem: local.getItem, removeItem: (key) => { local.removeItem(key); room += 1; }, setItem: (key, value) => { if (room < 2) throw new DOMException('full', 'QuotaExceededError'); local.setItem(key, value); } };
  const never = { ...full, removeItem: local.removeItem, setItem: () => { throw new DOMException('full', 'QuotaExceededError'); } };

  assert.equal(storeOf(full).write('new', { text: 'new' }), true);
  assert.equal(store.read('old'), null);
  assert.equal(storeOf(never).write('other', { text: 'other' }), false);
});

test('a draft too long to be kept leaves no older one behind, and the person is told', () => {
  const local = memoryStorage();
  const { field, keeper } = keeperOf(local);
  field.text = 'short';
  keeper.keep();
  keeper.keepNow();

  field.text = 'x'.repeat(MAX_DRAFT_LENGTH);
  keeper.keep();
  keeper.keepNow();

  assert.equal(field.isTooLong, true);
  assert.equal(storeOf(local).read('new'), null);
});

test('another person at the same browser gets none of it', () => {
  const local = memoryStorage();
  storeOf(local).write('new', { text: 'Irene’s' });

  assert.equal(storeOf(local, 'theo@example.org').read('new'), null);
});

test('what is written in a temporary conversation lasts as long as the tab', () => {
  const [local, session] = [memoryStorage(), memoryStorage()];
  const store = storeOf(local, 'irene@example.org', () => 1, session);
  store.write('new', { text: 'Before the switch' });

  store.write('new', { text: 'Between us' }, { isPassing: true });

  assert.equal(local.length, 0);
  assert.equal(store.read('new').text, 'Between us');
  assert.equal(storeOf(local).read('new'), null);
});

test('a broken entry is no draft', () => {
  const local = memoryStorage();
  const store = storeOf(local);
  for (const text of ['{', '7', 'null', '{"text": 5}', '[]"']) {
    local.setItem(store.key('new'), text);

    assert.equal(store.read('new'), null);
  }
});

test('what is no file of a draft is left out', () => {
  const local = memoryStorage();
  const whole = { id: '0198c1de-0000-7000-8000-000000000000', name: 'a.txt', mediaType: 'text/plain', sizeBytes: 1 };
  storeOf(local).write('new', { text: 'hi', files: [whole, { id: '../../x', name: 'b', mediaType: 'image/png' }, null], options: { nonsense: 1, seed: 4 } });
  const { field, keeper } = keeperOf(local);

  keeper.restore();

  assert.deepEqual(field.files, [whole]);
  assert.deepEqual(field.options, { seed: 4 });
});
