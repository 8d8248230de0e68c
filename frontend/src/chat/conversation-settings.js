// The model and options a conversation goes on with: read from the page, kept on the server when they change.
import { api } from '../api.js';
import { find } from '../dom.js';
import { t } from '../i18n.js';
import { toast } from '../toast.js';

// A slider moved or a prompt typed is one change.
const REST_MS = 500;

export class ConversationSettings {
  constructor({ conversation, isTemporary }) {
    Object.assign(this, { conversation, isTemporary });
    this.kept = read();
    this.timer = 0;
    this.next = null;
    this.keeping = null;
    this.sending = 0;
    addEventListener('pagehide', () => this.keepNow());
  }

  /** This will keep the settings soon; a conversation not begun has nowhere to keep them yet. */
  keep(settings) {
    this.next = settings;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepNow(), REST_MS);
  }

  /** This will go on as a conversation that just began. */
  begin(conversation, { isTemporary, settings }) {
    Object.assign(this, { conversation, isTemporary });
    const isUsual = !settings.model && !settings.preset && !Object.keys(settings.options).length;
    if (!isUsual) this.keep(settings);
  }

  /** This will keep what is not kept yet at once; the promise, which never fails, or null if nothing is on its way. */
  keepNow() {
    clearTimeout(this.timer);
    const settings = this.next;
    if (settings && this.conversation && !this.isTemporary) {
      this.next = null;
      this.keeping = this.#send(settings, this.keeping).finally(() => {
        this.sending -= 1;
      });
      this.sending += 1;
    }
    return this.sending ? this.keeping : null;
  }

  async #send(settings, before) {
    await before;
    try {
      await api('PATCH', `/conversations/${this.conversation}`, { settings });
      this.kept = settings;
    } catch (error) {
      // They go with each message from this page all the same.
      if (document.visibilityState === 'visible') toast(t('The settings apply here, but were not kept: {reason}', { reason: error.message }), { kind: 'failed' });
    }
  }
}

function read() {
  try {
    const settings = JSON.parse(find('#conversation-settings')?.textContent ?? 'null');
    return settings && typeof settings === 'object' ? settings : {};
  } catch {
    return {};
  }
}
