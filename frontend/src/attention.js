// What waits to be read: a number before the tab's title and a dot on its icon.
import { currentConversation } from './chat/rail-list.js';
import { find, findAll } from './dom.js';

const COUNT = /^\(\d+\+?\) /;
const MOST = 99;

/** This will count the unread rows of the side bar, as the server tells them, and show it on the tab. */
export function installAttention() {
  const list = find('#rail-list');
  const title = find('title');
  const link = find('link[rel="icon"]');
  if (!list || !title || !link) return;
  const plainIcon = link.getAttribute('href');
  const show = () => {
    const count = unread(list);
    const bare = document.title.replace(COUNT, '');
    const wanted = count ? `(${count > MOST ? `${MOST}+` : count}) ${bare}` : bare;
    if (document.title !== wanted) document.title = wanted;
    const iconNow = count ? plainIcon.replace('favicon.svg', 'favicon-new.svg') : plainIcon;
    if (link.getAttribute('href') !== iconNow) link.setAttribute('href', iconNow);
  };
  new MutationObserver(show).observe(list, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-unread'] });
  new MutationObserver(show).observe(title, { childList: true, characterData: true, subtree: true });
  document.addEventListener('visibilitychange', show);
  show();
}

/** The conversation one is looking at is being read. */
function unread(list) {
  const current = document.visibilityState === 'visible' ? currentConversation() : null;
  return findAll('.row[data-unread]', list).filter((row) => row.dataset.conversation !== current).length;
}
