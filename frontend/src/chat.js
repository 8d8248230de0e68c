// The chat page: puts its parts together.
import { registerThreadActions } from './chat/actions.js';
import { Branches } from './chat/branches.js';
import { Composer } from './chat/composer.js';
import { Conversation } from './chat/conversation.js';
import { editTurn } from './chat/editing.js';
import { SignedOut, fetchPartial } from './chat/fetching.js';
import { Jump } from './chat/jump.js';
import { installLongMessages } from './chat/long-messages.js';
import { Outbox } from './chat/outbox.js';
import { OutboxStore } from './chat/outbox-store.js';
import { Pin } from './chat/pin.js';
import { PlaceKeeper } from './chat/place.js';
import { RailList } from './chat/rail-list.js';
import { StatusLine } from './chat/status-line.js';
import { Thread } from './chat/thread.js';
import { TurnActions, greetFork } from './chat/turn-actions.js';
import { find, icon, make } from './dom.js';
import { t } from './i18n.js';
import { pageLine } from './line.js';
import { installConversationMenu } from './share.js';

// Other tabs' abandoned messages are looked for this often.
const LOOK_AROUND_MS = 15_000;
// After so many failures in a row it is asked whether the session is the reason.
const SUSPICIOUS_FAILURES = 3;
// The server's close code for a session that is over.
const UNAUTHORIZED = 4401;

// Where this page is: a link within it changes less than that.
let here = location.pathname;
const page = find('[data-chat]');
const socket = pageLine();
const store = new OutboxStore(page.dataset.person);
const outbox = new Outbox(store, socket);
const composer = new Composer(find('#composer'));
const status = new StatusLine(find('#fine'));
const pin = new Pin(find('#thread'), find('#to-end'));
const rail = new RailList(find('#rail-list'), () => conversation.id, (title) => conversation.showTitle(title));
const thread = new Thread(find('#turns'));
const conversation = new Conversation({ id: page.dataset.conversation || null, socket, outbox, thread, composer, pin, rail });
const branches = new Branches({ thread, conversation, window: conversation.window });
const places = new PlaceKeeper({ scroller: pin.scroller, window: conversation.window, pin });
const jump = new Jump({ window: conversation.window, scroller: pin.scroller, conversation });
const actions = new TurnActions({ conversation, thread, branches, edit });

function wireSocket() {
  let hasBeenOpen = false;
  socket.addEventListener('open', () => {
    status.setConnection(null);
    if (hasBeenOpen) conversation.reconnected();
    else {
      conversation.showPending();
      conversation.following.resumeAll();
      conversation.seenSoon();
    }
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
    if ((frame.type === 'ack' || frame.type === 'done' || (frame.type === 'error' && !frame.metadata)) && outbox.take(frame)) return;
    conversation.take(frame);
  });
  addEventListener('online', () => socket.hurry());
  addEventListener('offline', () => socket.hurry());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    socket.hurry();
    conversation.seenSoon();
  });
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
  composer.addEventListener('hint', (event) => status.setHint(event.detail));
}

function wireConversation() {
  conversation.addEventListener('begun', () => {
    here = location.pathname;
    composer.began(conversation.id);
    rail.refreshSoon();
  });
  conversation.addEventListener('signed-out', () => status.setConnection('signed-out'));
  conversation.addEventListener('gone', showGone);
  pin.addEventListener('to-end', () => conversation.toNewest());
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !find('dialog[open], .menu:popover-open') && conversation.isAnswering) conversation.stop();
  });
  // Back from a conversation that began on this page to the empty one, and forward again.
  addEventListener('popstate', () => location.pathname !== here && location.reload());
}

/** The conversation was deleted while it stood here: what is on the page can still be read. */
function showGone() {
  if (find('#gone')) return;
  const words = make('p', {}, t('This conversation is not there any more, or not shared with you. What you see is the last of it.'));
  const home = make('a.button.small', { href: '/' }, t('New conversation'));
  find('#turns').append(make('div.notice.gone', { id: 'gone', 'data-kind': 'warning', role: 'alert' }, icon('triangle-alert'), words, home));
}

/** A message a link leads to, the place before a reload, else the end. */
async function findPlace() {
  const wanted = new URLSearchParams(location.search).get('m');
  const turn = wanted && thread.turn(wanted);
  if (wanted) history.replaceState(history.state, '', location.pathname);
  if (turn) await conversation.window.show(turn);
  else if (!(await places.restore())) pin.toEnd();
}

async function edit(turn) {
  const text = await editTurn(turn);
  if (text) conversation.edit(turn, text);
  composer.focus();
}

function wireThread() {
  installLongMessages(thread.list);
  thread.list.addEventListener('click', (event) => {
    const example = event.target.closest('[data-example]');
    if (!example) return;
    composer.text = example.dataset.example;
    composer.focus();
  });
  registerThreadActions({ conversation, thread, branches, actions, jump, edit });
}

wireOutbox();
wireComposer();
wireConversation();
wireThread();
wireSocket();
installConversationMenu(conversation);
findPlace();
greetFork(conversation.id);
