// One file in the composer: a small picture or a tile, its name, how far it is, and what can be done with it.
import { icon, make } from '../dom.js';
import { t } from '../i18n.js';
import { size } from './attachment-limits.js';

export class Clip {
  /** `acts` are `remove`, `retry` and `asText`. */
  constructor(entry, acts) {
    this.entry = entry;
    this.line = make('small', {});
    this.meter = make('progress.meter', { max: '1', value: '0', 'aria-label': t('Sending {name}', { name: entry.name }) });
    this.removeButton = make('button.clip-button', { type: 'button', onclick: acts.remove }, icon('x', 's'));
    this.retryButton = make('button.clip-button', { type: 'button', 'aria-label': t('Send {name} again', { name: entry.name }), title: t('Try again'), onclick: acts.retry }, icon('rotate-ccw', 's'));
    const asText = entry.pasted === null ? null : make('button.clip-text', { type: 'button', onclick: acts.asText }, t('Paste as text'));
    this.element = make(
      'div.clip',
      { role: 'group', 'aria-label': entry.name },
      this.#tile(),
      make('span.what', {}, make('b', { title: entry.name }, entry.name), this.line),
      asText,
      this.retryButton,
      this.removeButton,
      this.meter,
    );
    if (entry.state === 'ready') this.showReady();
    else this.showWaiting();
  }

  showWaiting() {
    this.#show('sending', t('Waiting, {size}', { size: size(this.entry.sizeBytes) }), { label: t('Cancel {name}', { name: this.entry.name }) });
  }

  showProgress(part) {
    this.meter.value = part;
    const percent = Math.round(part * 100);
    this.#show('sending', percent < 100 ? t('Sending, {percent}%', { percent }) : t('Checking'), { label: t('Cancel {name}', { name: this.entry.name }) });
  }

  showReady() {
    this.#show('ready', size(this.entry.sizeBytes), { label: t('Remove {name}', { name: this.entry.name }) });
  }

  showFailed(reason, { mayRetry }) {
    this.#show('failed', reason, { label: t('Remove {name}', { name: this.entry.name }), mayRetry });
  }

  #show(state, line, { label, mayRetry = false }) {
    this.element.dataset.state = state;
    this.line.textContent = line;
    this.line.title = state === 'failed' ? line : '';
    this.meter.hidden = state !== 'sending';
    this.retryButton.hidden = !mayRetry;
    this.removeButton.setAttribute('aria-label', label);
  }

  #tile() {
    if (!this.entry.url) return make('span.tile', {}, icon('file-text', 's'));
    const picture = make('img', { src: this.entry.url, alt: '' });
    const tile = make('span.tile', {}, picture);
    // A broken picture is a file like any other.
    picture.addEventListener('error', () => tile.replaceChildren(icon('image', 's')), { once: true });
    return tile;
  }
}
