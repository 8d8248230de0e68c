// The chat page: puts its parts together.
import { Composer } from './chat/composer.js';
import { Conversation } from './chat/conversation.js';
import { editTurn } from './chat/editing.js';
import { SignedOut, fetchPartial } from './chat/fetching.js';
import { AnswerView } from './chat/answer-view.js';
import { Outbox } from './chat/outbox.js';
import { OutboxStore } from './chat/outbox-store.js';
import { Pin } from './chat/pin.js';
import { RailList } from './chat/rail-list.js';
import { LiveSocket } from './chat/socket.js';
import { StatusLine } from './chat/status-line.js';
import { Thread } from './chat/thread.js';
import { copyWith } from './copy.js';
import { find } from './dom.js';

// Other tabs' abandoned messages are looked for this often.
const LOOK_AROUND_MS = 15_000;
// After so many failures in a row it is asked whether the session is the reason.
const SUSPICIOUS_FAILURES = 3;
// The server's close code for a session that is over.
const UNAUTHORIZED = 4401;

const page = find('[data-chat]');
const socket = new LiveSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/`);
const store = new OutboxStore(page.dataset.person);
const outbox = new Outbox(store, socket);
const composer = new Composer(find('#composer'));
const status = new StatusLine(find('#fine'));
const pin = new Pin(find('#thread'), find('#to-end'));
const rail = new RailList(find('#rail-list'), () => conversation.id, (title) => conversation.showTitle(title));
const thread = new Thread(find('#turns'));
const conversation = new Conversation({ id: page.dataset.conversation || null, socket, outbox, thread, composer, pin, rail });

function wireSocket() {
  let hasBeenOpen = false;
  socket.addEventListener('open', () => {
    status.setConnection(null);
    if (hasBeenOpen) conversation.reconnected();
    else conversation.showPending();
    for (const run of conversation.runs.values()) if (!hasBeenOpen) run.resume({ force: true });
    hasBeenOpen = true;
    adopt();
  });
  socket.addEventListener('down', (event) => {
    status.setConnection(navigator.onLine ? 'unreachable' : 'offline');
    conversation.showPending();
    if (event.detail.code === UNAUTHORIZED || event.detail.attempt >= SUSPICIOUS_FAILURES) checkSession();
  });
  socket.addEventListener('frame', (event) => {
    const frame = event.detail;
    if ((frame.type === 'ack' || (frame.type === 'error' && !frame.metadata)) && outbox.take(frame)) return;
    conversation.take(frame);
  });
  addEventListener('online', () => socket.hurry());
  addEventListener('offline', () => socket.hurry());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && socket.hurry());
  socket.connect();
}

async function checkSession() {
  try {
    await fetchPartial('/rail/');
  } catch (error) {
    if (error instanceof SignedOut) status.setConnection('signed-out');
  }
}

function adopt() {
  store.touch();
  if (store.adopt().length) {
    conversation.showPending();
    outbox.flush();
  }
}

function wireOutbox() {
  addEventListener('pagehide', () => store.leave());
  addEventListener('pageshow', () => store.touch());
  addEventListener('storage', (event) => event.key === store.key && conversation.showPending());
  setInterval(adopt, LOOK_AROUND_MS);
}

function wireComposer() {
  composer.addEventListener('send', () => {
    const taken = composer.take();
    if (taken) conversation.send(taken);
  });
  composer.addEventListener('stop', () => conversation.stop());
  composer.addEventListener('edit-last', () => {
    const turn = thread.lastOwn();
    if (turn) edit(turn);
  });
  composer.addEventListener('blind', (event) => {
    status.setHint(event.detail ? `${event.detail} cannot see images. Choose a model that can.` : '');
  });
  conversation.addEventListener('begun', () => rail.refreshSoon());
  conversation.addEventListener('signed-out', () => status.setConnection('signed-out'));
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !find('dialog[open]') && conversation.isAnswering) conversation.stop();
  });
  // Back from a conversation that began on this page to the empty one, and forward again.
  addEventListener('popstate', () => location.reload());
}

async function edit(turn) {
  const text = await editTurn(turn);
  if (text) conversation.edit(turn, text);
  composer.focus();
}

const ACTS = {
  edit: (turn) => edit(turn),
  again: (turn) => conversation.again(turn),
  'go-on': (turn) => conversation.goOn(turn),
  copy: (turn, button) => {
    const isOwn = turn.classList.contains('mine');
    const running = conversation.runs.get(turn.dataset.runId);
    const text = isOwn ? find('.bubble', turn).textContent : (running?.view ?? new AnswerView(turn)).markdown();
    copyWith(button, text, find(isOwn ? '.bubble' : '.prose', turn));
  },
};

function wireThread() {
  thread.list.addEventListener('click', (event) => {
    const button = event.target.closest('[data-act]');
    if (button) ACTS[button.dataset.act]?.(button.closest('.turn'), button);
    const example = event.target.closest('[data-example]');
    if (example) {
      composer.text = example.dataset.example;
      composer.focus();
    }
  });
}

wireOutbox();
wireComposer();
wireThread();
wireSocket();
pin.toEnd();
