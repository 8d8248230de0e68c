// "Model servers": how each is, kept up to date while the page is looked at; buttons and forms stay as they are.
import { announce, find, findAll } from './dom.js';
import { t } from './i18n.js';

// A change is seen while one still thinks of its cause, and an open page costs a request in this time.
const LOOK_MS = 3000;

class Servers {
  constructor(list) {
    this.list = list;
    setInterval(() => document.visibilityState === 'visible' && this.look(), LOOK_MS);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.look());
  }

  /** This will show how the servers are now; one look at a time. */
  async look() {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const response = await fetch(location.pathname, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(10_000) });
      if (response.ok && !response.redirected) this.#show(new DOMParser().parseFromString(await response.text(), 'text/html'));
    } catch {
      // The line is down: the next look tries again.
    }
    this.isLooking = false;
  }

  #show(page) {
    for (const row of findAll('[data-server]', this.list)) {
      const fresh = find(`[data-server="${row.dataset.server}"] > .what`, page);
      const shown = find(':scope > .what', row);
      if (!fresh || fresh.innerHTML === shown.innerHTML) continue;
      const [before, now] = [find('.tag', shown), find('.tag', fresh)];
      if (before.dataset.state !== now.dataset.state) announce(t('{name}: {state}', { name: fresh.querySelector('b').firstChild.data.trim(), state: now.textContent }));
      shown.replaceWith(document.adoptNode(fresh));
    }
  }
}

for (const list of findAll('[data-servers]')) new Servers(list);
