// The side bar: a drawer on narrow screens, hidden or shown on wide ones.
import { find, findAll } from './dom.js';

const narrow = matchMedia('(max-width: 52rem)');

/** This will wire the buttons that open and close the side bar. */
export function installRail() {
  const app = find('#app');
  const rail = find('#rail');
  if (!app || !rail) return;

  const opener = find('[data-open-rail]');
  const set = (state, focus) => {
    app.dataset.rail = state;
    opener?.setAttribute('aria-expanded', String(state === 'open'));
    focus?.focus();
  };
  const open = () => set(narrow.matches ? 'open' : '', find('[data-close-rail]'));
  const close = () => set(narrow.matches ? '' : 'hidden', opener);

  opener?.addEventListener('click', open);
  find('[data-close-rail]', rail)?.addEventListener('click', close);
  // The scrim is the app's own ::after, so a click on it lands on the app itself.
  app.addEventListener('click', (event) => {
    if (event.target === app && app.dataset.rail === 'open') close();
  });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && app.dataset.rail === 'open') close();
  });
  narrow.addEventListener('change', () => set(''));
  for (const row of findAll('#rail [aria-current="page"], .settings > nav [aria-current="page"]')) row.scrollIntoView({ block: 'nearest', inline: 'center' });
}
