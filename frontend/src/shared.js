// A shared conversation: code gets its colors, and earlier messages come in without leaving the page.
import { decorate } from './chat/decorate.js';
import { find, findAll } from './dom.js';

decorate(findAll('.prose > *'));

document.addEventListener('click', async (event) => {
  const link = event.target.closest('[data-earlier]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  try {
    const response = await fetch(link.href);
    if (!response.ok) throw new Error(String(response.status));
    prepend(link.closest('.shared-more'), new DOMParser().parseFromString(await response.text(), 'text/html'));
  } catch {
    // As a page of its own, which says what is wrong.
    location.assign(link.href);
  }
});

function prepend(more, page) {
  const earlier = find('[data-earlier]', page)?.closest('.shared-more');
  const turns = findAll('#shared-turns > .turn', page).map((turn) => document.adoptNode(turn));
  const first = find('#shared-turns > .turn');
  const top = first.getBoundingClientRect().top;
  more.replaceWith(...(earlier ? [document.adoptNode(earlier)] : []), ...turns);
  decorate(turns.flatMap((turn) => findAll('.prose > *', turn)));
  // What was being read stays where it was.
  scrollBy(0, first.getBoundingClientRect().top - top);
  turns.at(-1)?.setAttribute('tabindex', '-1');
  turns.at(-1)?.focus({ preventScroll: true });
}
