// A person's own long messages are closed to some twenty lines, so that the answers stay near each other.
import { find, findAll, make } from '../dom.js';
import { t } from '../i18n.js';

// Shorter than this in characters and lines is shown whole, without measuring.
const MOST_CHARS = 1600;
const MOST_LINES = 20;

/** This will close long messages of the list, now and as they come. */
export function installLongMessages(list) {
  const closeAll = () => findAll('.mine .bubble:not([data-long])', list).forEach(closeLong);
  new MutationObserver(closeAll).observe(list, { childList: true });
  closeAll();
}

function closeLong(bubble) {
  const text = bubble.textContent;
  const isLong = text.length > MOST_CHARS || text.split('\n', MOST_LINES + 2).length > MOST_LINES + 1;
  if (!isLong || find('.show-all', bubble.parentElement)) return;
  bubble.dataset.long = 'closed';
  const toggle = ({ currentTarget }) => {
    const isClosed = bubble.dataset.long === 'open';
    bubble.dataset.long = isClosed ? 'closed' : 'open';
    currentTarget.textContent = isClosed ? t('Show all') : t('Show less');
    currentTarget.setAttribute('aria-expanded', String(!isClosed));
    if (isClosed) bubble.scrollIntoView({ block: 'nearest' });
  };
  bubble.after(make('button.button.ghost.small.show-all', { type: 'button', 'aria-expanded': 'false', onclick: toggle }, t('Show all')));
}
