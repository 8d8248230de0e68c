// Two answers side by side: on a narrow page one at a time, chosen by two buttons that also tell how each is doing.
import { find, findAll } from '../dom.js';
import { t } from '../i18n.js';
import { turnsOf } from './entries.js';

const ENDED_BADLY = new Set(['error', 'interrupted']);

/** This will wire a comparison: its buttons carry the models' names and states. Anything else is left alone. */
export function dressComparison(section) {
  if (!section.matches('.comparison') || 'dressed' in section.dataset) return;
  section.dataset.dressed = '';
  const tell = () => tellStates(section);
  const states = new MutationObserver(tell);
  for (const turn of turnsOf(section)) {
    states.observe(turn, { attributeFilter: ['data-state', 'hidden'] });
    states.observe(find('.model-name', turn), { childList: true, characterData: true, subtree: true });
  }
  tell();
}

/** This will show one side of a comparison where there is no room for both. */
export function showSide(section, side) {
  section.dataset.shown = side;
  for (const button of findAll('[data-act="side"]', section)) button.setAttribute('aria-pressed', String(button.dataset.side === side));
}

function tellStates(section) {
  const turns = turnsOf(section);
  section.hidden = turns.every((turn) => turn.hidden);
  for (const [at, button] of findAll('[data-act="side"]', section).entries()) {
    const turn = turns[at];
    if (!turn) continue;
    const model = find('.model-name', turn).textContent;
    if (model) find('.of', button).textContent = model;
    button.dataset.state = turn.dataset.state ?? '';
    button.title = stateWord(turn);
    find('[data-act="keep"]', turn)?.setAttribute('aria-label', model ? t('Keep this one: {model}', { model }) : t('Keep this one'));
  }
}

function stateWord(turn) {
  if (!('over' in turn.dataset)) return t('Being written');
  return ENDED_BADLY.has(turn.dataset.state) ? t('Failed') : t('Finished');
}
