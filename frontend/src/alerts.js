// Trouble with services in use, told on every open page of those who can do something about it.
import { find, findAll } from './dom.js';
import { t } from './i18n.js';
import { pageLine } from './line.js';
import { toast } from './toast.js';

const DAY_MS = 86_400_000;
const SENTENCES = {
  offline: (values) => t('{name} has not answered since {time}.', values),
  unhealthy: (values) => t('{name} has been failing since {time}.', values),
  config_error: (values) => t('{name} has refused Olympus since {time}.', values),
};
// What came while nobody saw the page, by service: only the last of each still matters.
const unseen = new Map();
const shown = new Map();

/** This will tell owners and administrators when a service fails and when it is back. */
export function installAlerts() {
  if (find('#app').dataset.administers === undefined) return;
  document.addEventListener('visibilitychange', show);
  // By then the page's own parts have taken the line, with all that they listen to.
  if (document.readyState === 'complete') listen();
  else addEventListener('load', listen);
}

/** This will put the number of services in trouble into the settings' navigation. */
export function showTroubled(count) {
  for (const mark of findAll('[data-troubled]')) {
    mark.hidden = !count;
    find('[data-number]', mark).textContent = String(count);
  }
}

function listen() {
  const line = pageLine();
  line.addEventListener('frame', ({ detail }) => detail.type === 'discovery.trouble' && heard(detail));
  line.connect();
}

function heard(news) {
  showTroubled(news.troubled);
  const before = unseen.get(news.service);
  // Over before anybody saw it: there is nothing to tell.
  if (news.is_over && before && !before.is_over) unseen.delete(news.service);
  else unseen.set(news.service, news);
  show();
}

function show() {
  if (document.visibilityState !== 'visible') return;
  for (const news of unseen.values()) {
    shown.get(news.service)?.();
    const link = { href: `/settings/services/#service-${news.service}`, words: t('Show it') };
    shown.set(news.service, toast(sentenceOf(news), { kind: news.is_over ? 'done' : 'failed', link }));
  }
  unseen.clear();
}

function sentenceOf({ name, state, since, is_over: isOver, stand_ins: standIns, missing }) {
  if (isOver) return t('{name} serves again.', { name });
  const list = (names) => new Intl.ListFormat(document.documentElement.lang).format(names);
  const parts = [(SENTENCES[state] ?? SENTENCES.unhealthy)({ name, time: timeOf(since) })];
  if (standIns.length) parts.push(t('Its calls go to {servers} meanwhile.', { servers: list(standIns) }));
  if (missing.length) parts.push(t('No other server has {models}.', { models: list(missing) }));
  return parts.join(' ');
}

function timeOf(since) {
  const at = new Date(since);
  const dateStyle = Date.now() - at < DAY_MS ? undefined : 'medium';
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle, timeStyle: 'short' }).format(at);
}
