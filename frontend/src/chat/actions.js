// What the keyboard and the palette can do on the chat page.
import { find } from '../dom.js';
import { t } from '../i18n.js';
import { registerAction } from '../shortcuts.js';

/** This will make the actions of the thread known. */
export function registerThreadActions({ conversation, thread, branches, actions, jump, edit }) {
  const group = () => t('This conversation');
  const isStored = () => conversation.id !== null && find('#temporary-tag').hidden;
  const hasAnswer = () => thread.lastAnswer() !== null;
  for (const action of [
    { id: 'chat.copy-answer', label: () => t('Copy the last answer'), keys: 'Mod+Shift+C', icon: 'copy', when: hasAnswer, run: () => actions.copy(thread.lastAnswer()) },
    { id: 'chat.again', label: () => t('Answer again'), keys: '', icon: 'refresh-cw', when: () => hasAnswer() && !conversation.isAnswering, run: () => conversation.again(thread.lastAnswer()) },
    { id: 'chat.edit-last', label: () => t('Edit your last message'), keys: '', icon: 'pencil', when: () => thread.lastOwn() !== null, run: () => edit(thread.lastOwn()) },
    { id: 'chat.previous-version', label: () => t('Previous version'), keys: 'Alt+Shift+ArrowLeft', icon: 'chevron-left', when: () => branches.has('previous'), run: () => branches.step('previous') },
    { id: 'chat.next-version', label: () => t('Next version'), keys: 'Alt+Shift+ArrowRight', icon: 'chevron-right', when: () => branches.has('next'), run: () => branches.step('next') },
    { id: 'chat.newest', label: () => t('Go to the newest words'), keys: 'Mod+Shift+ArrowDown', icon: 'arrow-down', when: () => !thread.isEmpty, run: () => conversation.toNewest() },
    { id: 'chat.jump', label: () => t('Jump to a message'), keys: 'Mod+Shift+G', icon: 'list-ordered', when: () => jump.isUseful, run: () => jump.open() },
    { id: 'chat.fork', label: () => t('Go on in a new conversation'), keys: '', icon: 'git-fork', when: () => isStored() && hasAnswer(), run: () => actions.fork(thread.lastAnswer()) },
    { id: 'chat.stop', label: () => t('Stop answering'), keys: '', icon: 'square', when: () => conversation.isAnswering, run: () => conversation.stop() },
  ]) registerAction({ group, ...action });
}
