// The places of the workspace one can go to; the palette lists them.
import { find, findAll } from './dom.js';
import { t } from './i18n.js';

/** This will list the places this person has, `{ id, label, icon, url }`. */
export function places() {
  const has = find('#app')?.dataset.administers !== undefined;
  // What the side bar leads to comes from there, so that each is named in one place.
  const rows = findAll('.rail-top a.nav-row').map((row) => ({ label: row.textContent.trim(), icon: /#(.+)$/.exec(find('use', row)?.getAttribute('href') ?? '')?.[1] ?? 'arrow-right', url: row.getAttribute('href') }));
  const rest = [
    { label: t('Search'), icon: 'search', url: '/search/' },
    { label: t('Archive'), icon: 'archive', url: '/archive/' },
    { label: t('Settings: profile'), icon: 'user', url: '/settings/profile/' },
    { label: t('Settings: appearance and language'), icon: 'sun', url: '/settings/appearance/' },
    { label: t('Settings: security'), icon: 'shield', url: '/settings/security/' },
    { label: t('Settings: API keys'), icon: 'key-round', url: '/settings/keys/' },
    { label: t('Settings: shortcuts'), icon: 'keyboard', url: '/settings/shortcuts/' },
    ...(has ? [{ label: t('Settings: people'), icon: 'users', url: '/settings/people/' }, { label: t('Settings: model servers'), icon: 'server', url: '/settings/providers/' }, { label: t('Settings: services'), icon: 'radar', url: '/settings/services/' }] : []),
    ...(find('#app[data-owns]') ? [{ label: t('Settings: all settings'), icon: 'sliders-horizontal', url: '/settings/all/' }] : []),
  ];
  const known = new Set(rows.map((row) => row.url));
  return [...rows, ...rest.filter((place) => !known.has(place.url))];
}
