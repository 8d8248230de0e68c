// The theme button: system, light, dark, in a round.
import { announce, find, findAll } from './dom.js';
import { t } from './i18n.js';
import { pageLine } from './line.js';

const ROUND = { system: 'light', light: 'dark', dark: 'system' };
const root = document.documentElement;
const NAMES = { system: () => t('system'), light: () => t('light'), dark: () => t('dark') };
const current = () => root.dataset.theme ?? 'system';

function remember(theme) {
  if ('account' in root.dataset) store(theme);
  try {
    if (theme === 'system') localStorage.removeItem('theme');
    else localStorage.setItem('theme', theme);
  } catch {
    // Storage is switched off: the choice holds for this page.
  }
}

/** Every device of this person follows; without a connection the choice holds in this browser until the next page. */
function store(theme) {
  const headers = { 'X-CSRFToken': find('meta[name="csrf-token"]').content };
  fetch('/settings/theme/', { method: 'POST', headers, body: new URLSearchParams({ theme }), keepalive: true }).catch(() => {});
}

function show(theme) {
  if (theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const button of findAll('[data-theme-button]')) {
    const label = t('Theme: {theme}. Change to {next}', { theme: NAMES[theme](), next: NAMES[ROUND[theme]]() });
    button.setAttribute('aria-label', label);
    button.title = label;
  }
}

/** This will wire every theme button and follow the choice made in another tab, or on another device while the page has a line. */
export function installThemeButtons() {
  show(current());
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-theme-button]')) return;
    const next = ROUND[current()];
    remember(next);
    show(next);
    announce(t('Theme: {theme}', { theme: NAMES[next]() }));
  });
  addEventListener('storage', (event) => {
    if (event.key === 'theme') show(event.newValue ?? 'system');
  });
  pageLine().addEventListener('frame', ({ detail }) => {
    if (detail.type === 'preference.changed' && detail.name === 'theme') show(detail.value);
  });
}
