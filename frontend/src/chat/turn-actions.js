// What can be done with one turn: its buttons and its two menus.
import { ApiProblem, api } from '../api.js';
import { copyWith } from '../copy.js';
import { announce, find, findAll } from '../dom.js';
import { t } from '../i18n.js';
import { toast } from '../toast.js';
import { AnswerView } from './answer-view.js';
import { showSide } from './comparison.js';
import { newId } from './ids.js';
import { openMenu } from './popup-menu.js';
import { showPrompt } from './prompt-dialog.js';
import { toggleRoute } from './route-view.js';

// A copied conversation opens as a page of its own, which says so once.
const SAID_KEY = 'olympus.forked';

export class TurnActions {
  constructor({ conversation, thread, branches, edit }) {
    Object.assign(this, { conversation, thread, branches, forks: {} });
    // Whoever comes back and asks again wants another copy.
    addEventListener('pagehide', () => (this.forks = {}));
    this.acts = {
      edit,
      again: (turn) => conversation.again(turn),
      'again-with': (turn, button) => this.#chooseModel(turn, button),
      'go-on': () => conversation.goOn(),
      'stop-this': (turn) => conversation.stopOne(turn),
      keep: (turn) => branches.keep(turn),
      version: (turn, button) => branches.choose(button),
      side: (turn, button) => showSide(button.closest('.comparison'), button.dataset.side),
      route: toggleRoute,
      more: (turn, button) => this.#more(turn, button),
      copy: (turn, button) => this.copy(turn, button),
    };
    thread.list.addEventListener('click', (event) => {
      const button = event.target.closest('[data-act]');
      if (button) this.acts[button.dataset.act]?.(button.closest('.turn'), button);
    });
  }

  copy(turn, button = find('[data-act="copy"]', turn)) {
    const isOwn = turn.classList.contains('mine');
    const text = isOwn ? find('.bubble', turn).textContent : (this.conversation.following.of(turn)?.view ?? new AnswerView(turn)).markdown();
    copyWith(button, text, find(isOwn ? '.bubble' : '.prose', turn));
  }

  #chooseModel(turn, button) {
    const models = findAll('#model-list [role="option"][data-model]').map((option) => ({
      label: find('b', option).firstChild.data.trim(),
      note: find('small', option)?.textContent.trim(),
      icon: 'cpu',
      run: () => this.conversation.again(turn, option.dataset.model),
    }));
    openMenu(button, models, { label: t('Try another model') });
  }

  #more(turn, button) {
    const isStored = this.conversation.id && find('#temporary-tag').hidden;
    const items = [{ label: t('Copy link to here'), icon: 'link', run: () => this.copyLink(turn) }];
    if (isStored) items.push({ label: t('Go on in a new conversation'), note: t('A copy of everything up to here'), icon: 'git-fork', run: () => this.fork(turn) });
    if (isStored && turn.classList.contains('answer')) {
      items.push({ label: t('See what the model was given'), icon: 'scan-text', run: () => showPrompt(turn.dataset.message) });
    }
    openMenu(button, items, { label: t('More') });
  }

  async copyLink(turn) {
    const link = `${location.origin}/c/${this.conversation.id}/?m=${turn.dataset.message}`;
    await copyWith(find('[data-act="more"]', turn), link, null);
  }

  /** This will copy the conversation up to a turn and go there. */
  async fork(turn) {
    // The same copy however often it is asked for: a second press, or a line that broke before the answer came.
    const key = (this.forks[turn.dataset.message] ??= newId());
    announce(t('Copying the conversation'));
    try {
      const made = await api('POST', `/conversations/${this.conversation.id}/fork`, { message: turn.dataset.message }, { headers: { 'Idempotency-Key': key } });
      sessionStorage.setItem(SAID_KEY, made.id);
      location.assign(`/c/${made.id}/`);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      toast(t('The conversation was not copied. {reason}', { reason: error.message }), { kind: 'failed' });
    }
  }
}

/** This will say on the page of a copied conversation that it is one. */
export function greetFork(id) {
  if (!id || sessionStorage.getItem(SAID_KEY) !== id) return;
  sessionStorage.removeItem(SAID_KEY);
  toast(t('This is a copy of everything up to there. The other conversation stays as it is.'));
}
