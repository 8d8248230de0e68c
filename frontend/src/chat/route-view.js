// Who answered and why, and where others went on: told below the model's name and at the answer's foot.
import { find, icon, make } from '../dom.js';
import { t } from '../i18n.js';

export class RouteView {
  constructor(article) {
    this.article = article;
  }

  /** This will tell who answers and why; words that say nothing of it change nothing. */
  show({ model = '', provider, reasons, tier, cache } = {}) {
    if (!provider || !reasons) return;
    const who = { model, provider };
    find('.route p', this.article).textContent = cache ? t('{model} on {provider} gave this answer before.', who) : t('Answered by {model} on {provider}.', who);
    find('.route ul', this.article).replaceChildren(...reasons.map((reason) => make('li', {}, reason)));
    find('.route-marks', this.article).replaceChildren(...marks(tier, cache));
    find('.model-name', this.article).disabled = false;
  }

  /** This will tell of one who goes on with the answer. */
  addSwitch(one) {
    const list = find('.switches', this.article);
    list.hidden = false;
    list.append(make('li.caption', {}, icon('refresh-cw', 's'), make('span', {}, switchSentence(one))));
  }

  /** This will tell of all who went on. */
  replaceSwitches(all) {
    const list = find('.switches', this.article);
    list.replaceChildren();
    list.hidden = true;
    for (const one of all) this.addSwitch(one);
  }
}

function marks(tier, cache) {
  const shown = [];
  if (tier) shown.push(make('span.tag', {}, { fast: t('Fast'), balanced: t('Balanced'), powerful: t('Powerful') }[tier] ?? tier));
  if (cache) shown.push(make('span.tag', { 'data-kind': 'info' }, t('from the cache')));
  return shown;
}

/** This will show or hide who answered. */
export function toggleRoute(turn, button) {
  const route = find('.route', turn);
  route.hidden = !route.hidden;
  button.setAttribute('aria-expanded', String(!route.hidden));
}

/** This will say who stopped and who went on; the server's template says the same. */
export function switchSentence({ from, to, at, is_break: isBreak, cause }) {
  if (cause === 'worker') return t('The work on this answer stopped in the middle; {to} went on.', { to });
  if (!at) return t('{from} stopped while thinking; {to} began again.', { from, to });
  if (isBreak) return t('{from} stopped in the middle; {to} began again after the break.', { from, to });
  return t('{from} stopped in the middle; {to} went on.', { from, to });
}
