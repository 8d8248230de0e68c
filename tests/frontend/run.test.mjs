// Whatever is lost, doubled or late on the wire: the page ends up with what the server has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Run } from '../../frontend/src/chat/run.js';
import { Strand } from '../../frontend/src/chat/strand.js';
import { seeded } from './seeded.mjs';

const TEXT = 'Tuesday’s import 🌿 tripled the number of passages 👩‍💻 and 𝒳 stayed.'.repeat(6);

class FakeView {
  text = '';
  thinking = '';
  tools = [];
  states = [];
  switches = [];
  appendText(text) { this.text += text; }
  replaceText(text) { this.text = text; }
  appendThinking(text) { this.thinking += text; }
  replaceThinking(text) { this.thinking = text; }
  addToolCall(call) { this.tools.push(call.id); }
  addToolResult() {}
  replaceToolCalls(calls) { this.tools = calls.map((call) => call.id); }
  showAbout() {}
  showState(state) { this.states.push(state); }
  showSwitch(one) { this.switches.push(one.to); }
  showRoute(route) { this.switches = route.switches.map((one) => one.to); }
  fail(error) { this.error = error; }
  complete(content) { this.done = content; }
}

function eventsOf(text, random) {
  const points = [...text];
  const events = [{ type: 'state', content: { state: 'processing' }, metadata: { seq: 1 } }];
  for (let at = 0; at < points.length; ) {
    const size = 1 + Math.floor(random() * 7);
    events.push({ type: 'token', content: points.slice(at, at + size).join(''), metadata: { seq: events.length + 1, offset: at } });
    at += size;
  }
  events.push({ type: 'complete', content: { state: 'complete', length: points.length }, metadata: { seq: events.length + 1 } });
  return events;
}

const BEGUN = { type: 'state', content: { state: 'processing', model: 'fake' }, metadata: { seq: 1 } };

function snapshotAt(events, seq) {
  const text = events.filter((event) => event.type === 'token' && event.metadata.seq <= seq).map((event) => event.content).join('');
  return { type: 'snapshot', content: { state: 'streaming', text }, metadata: { seq } };
}

test('a piece that is known, partly known or follows a gap is told apart', () => {
  const strand = new Strand();

  assert.equal(strand.splice(0, 'a🌿b'), 'a🌿b');
  assert.equal(strand.splice(1, '🌿b'), '');
  assert.equal(strand.splice(2, 'bcd'), 'cd');
  assert.equal(strand.splice(7, 'x'), null);
  assert.equal(strand.text, 'a🌿bcd');
});

for (let seed = 1; seed <= 200; seed += 1) {
  test(`lost, doubled and swapped events end in the same text (seed ${seed})`, () => {
    const random = seeded(seed);
    const events = eventsOf(TEXT, random);
    const view = new FakeView();
    let clock = 0;
    let asked = null;
    const run = new Run('r', { view, resume: (_id, after) => { asked = after; }, now: () => (clock += 100) });

    for (let sent = 0; sent < events.length; sent += 1) {
      const fate = random();
      if (fate < 0.15) continue;
      run.take(events[sent]);
      if (fate > 0.9) run.take(events[Math.max(0, sent - 3)]);
      if (fate > 0.85 && sent + 1 < events.length) run.take(events[sent + 1]);
      if (asked !== null && random() < 0.5) {
        const after = asked;
        asked = null;
        if (random() < 0.5) run.take(snapshotAt(events, Math.min(sent + 1, events.length - 1)));
        else for (const event of events.slice(after, sent + 1)) run.take(event);
      }
    }
    for (const event of events.slice(run.seq)) run.take(event);

    assert.equal(view.text, TEXT);
    assert.equal(run.answer.text, TEXT);
    assert.equal(run.isOver, true);
    assert.deepEqual(view.done, { state: 'complete', length: [...TEXT].length });
  });
}

test('after a gap the run is asked for once, from the last event known', () => {
  const asked = [];
  const run = new Run('r', { view: new FakeView(), resume: (id, after) => asked.push([id, after]), now: () => 5000 });
  run.take(BEGUN);
  run.take({ type: 'token', content: 'ab', metadata: { seq: 4, offset: 0 } });

  run.take({ type: 'token', content: 'x', metadata: { seq: 6, offset: 9 } });
  run.take({ type: 'token', content: 'y', metadata: { seq: 7, offset: 10 } });

  assert.deepEqual(asked, [['r', 4]]);
});

test('an end that came before the last words waits for them', () => {
  const view = new FakeView();
  const asked = [];
  const run = new Run('r', { view, resume: (_id, after) => asked.push(after), now: () => 5000 });
  run.take(BEGUN);
  run.take({ type: 'token', content: 'ab', metadata: { seq: 2, offset: 0 } });

  run.take({ type: 'complete', content: { state: 'complete', length: 4 }, metadata: { seq: 4 } });
  assert.equal(run.isOver, false);
  run.take({ type: 'token', content: 'cd', metadata: { seq: 3, offset: 2 } });
  run.take({ type: 'complete', content: { state: 'complete', length: 4 }, metadata: { seq: 4 } });

  assert.deepEqual(asked, [2]);
  assert.equal(view.text, 'abcd');
  assert.equal(run.isOver, true);
});

test('who answers was said before the page listened, so it is asked for, once', () => {
  const view = new FakeView();
  const asked = [];
  const run = new Run('r', { view, resume: (_id, after) => asked.push(after), now: () => 5000 });

  run.take({ type: 'token', content: 'ab', metadata: { seq: 2, offset: 0 } });
  run.take({ type: 'token', content: 'cd', metadata: { seq: 3, offset: 2 } });
  run.take({ type: 'snapshot', content: { state: 'streaming', text: 'abcd', model: 'fake' }, metadata: { seq: 3 } });
  run.take({ type: 'complete', content: { state: 'complete', length: 4 }, metadata: { seq: 4 } });

  assert.deepEqual(asked, [0]);
  assert.equal(view.text, 'abcd');
  assert.equal(run.isOver, true);
});

test('a run withdrawn before it began is over, though its numbers never grew', () => {
  const view = new FakeView();
  const run = new Run('r', { view, resume: () => {} });

  run.take({ type: 'snapshot', content: { state: 'cancelled', text: '' }, metadata: { seq: 0 } });
  run.take({ type: 'complete', content: { state: 'cancelled', length: 0 }, metadata: { seq: 0 } });

  assert.equal(run.isOver, true);
});

test('an error ends the run and keeps the text', () => {
  const view = new FakeView();
  const run = new Run('r', { view, resume: () => {} });
  run.take({ type: 'token', content: 'kept', metadata: { seq: 1, offset: 0 } });

  run.take({ type: 'error', code: 'stream_cut', content: 'It stopped.', state: 'interrupted', kept_length: 4, metadata: { seq: 2 } });
  run.take({ type: 'token', content: ' more', metadata: { seq: 3, offset: 4 } });

  assert.deepEqual(view.error, { code: 'stream_cut', content: 'It stopped.', keptLength: 4 });
  assert.equal(view.text, 'kept');
  assert.equal(view.states.at(-1), 'interrupted');
});

test('where others went on is told once, by the events or by a snapshot', () => {
  const view = new FakeView();
  const run = new Run('r', { view, resume: () => {}, now: () => 5000 });
  const at = (seq, offset) => ({ run_id: 'r', seq, ...(offset === undefined ? {} : { offset }) });
  const route = { reasons: [], switches: [{ from: 'A', to: 'B', at: 4 }, { from: 'B', to: 'C', at: 7 }] };

  run.take({ type: 'state', content: { state: 'processing', model: 'm' }, metadata: at(1) });
  run.take({ type: 'token', content: 'One ', metadata: at(2, 0) });
  run.take({ type: 'switch', content: { from: 'A', to: 'B', at: 4 }, metadata: at(3) });
  run.take({ type: 'switch', content: { from: 'A', to: 'B', at: 4 }, metadata: at(3) });
  const afterEvents = [...view.switches];
  run.take({ type: 'snapshot', content: { state: 'streaming', model: 'm', text: 'One two', route }, metadata: at(9) });

  assert.deepEqual(afterEvents, ['B']);
  assert.deepEqual([view.switches, view.text], [['B', 'C'], 'One two']);
});
