// The one solid button: it sends, queues after the answer being written, or stops it; beside it, while both are possible, the other choice.
import { announce, find, icon } from '../dom.js';
import { t } from '../i18n.js';

const MODES = {
  send: { glyph: 'arrow-up', label: () => t('Send') },
  queue: { glyph: 'list-plus', label: () => t('Send after this answer') },
  stop: { glyph: 'square', label: () => t('Stop answering') },
  waiting: { glyph: 'loader', label: () => t('Sends when the files are there. Press to wait no longer.') },
};

export class SendButton {
  constructor(form) {
    this.button = find('.send', form);
    this.steer = find('[data-steer]', form);
    this.stopper = find('[data-stop]', form);
    this.explained = false;
  }

  get mode() {
    return this.button.dataset.mode;
  }

  /** This will show what a press does now. */
  show({ isAnswering, isEmpty, isWaiting, isBusy }) {
    const mode = isWaiting ? 'waiting' : modeOf(isAnswering, isEmpty && !isBusy);
    this.button.disabled = mode === 'send' && isEmpty && !isBusy;
    if (mode === this.mode) return;
    this.button.dataset.mode = mode;
    this.button.setAttribute('aria-label', MODES[mode].label());
    this.button.title = mode === 'queue' ? `${MODES.queue.label()} (Enter)` : '';
    this.button.replaceChildren(icon(MODES[mode].glyph));
    this.steer.hidden = this.stopper.hidden = mode !== 'queue';
    if (mode === 'queue') this.#explain();
  }

  /** Once a visit is enough: the buttons say it too. */
  #explain() {
    if (this.explained) return;
    this.explained = true;
    announce(t('An answer is being written. Enter sends your message after it; Control Enter stops the answer and sends now.'));
  }
}

function modeOf(isAnswering, isEmpty) {
  if (!isAnswering) return 'send';
  return isEmpty ? 'stop' : 'queue';
}
