// What was sent and is not acknowledged yet, as the page shows it.
import { t } from '../i18n.js';

export class Unsent {
  /** `isOurs(item)` tells whether an item belongs to the page's conversation; `giveBack({ text, files })` puts them back into the composer. */
  constructor({ outbox, socket, thread, isOurs, giveBack }) {
    Object.assign(this, { outbox, socket, thread, isOurs, giveBack });
    outbox.addEventListener('changed', () => this.show());
  }

  items() {
    return this.outbox.items().filter((item) => item.frame.type === 'chat.send' && this.isOurs(item) && !item.isWithdrawn);
  }

  /** This will bring the unsent messages on the page in line with the outbox. */
  show() {
    const items = this.items();
    const ids = new Set(items.map((item) => item.id));
    for (const turn of this.thread.allPending()) if (!ids.has(turn.dataset.outbox)) turn.remove();
    for (const item of items) this.#say(item, this.thread.pending(item.id) ?? this.thread.addPending(item));
  }

  #say(item, turn) {
    const withdraw = [t('Withdraw'), () => this.#takeBack(item)];
    if (item.refused) {
      const why = t('Not sent. {reason}', { reason: item.refused.content });
      this.thread.say(turn, why, [t('Try again'), () => this.outbox.retry(item.id)], withdraw);
    } else if (!this.socket.isOpen) this.thread.say(turn, t('Waiting for the connection'), withdraw);
    else this.thread.say(turn, '');
  }

  #takeBack(item) {
    this.outbox.withdraw(item.id);
    // Of one that may have arrived the files are not free before it is withdrawn there too.
    const files = item.tries && !item.refused ? [] : (item.shown.files ?? []);
    this.giveBack({ text: item.frame.text, files });
    this.show();
  }
}
