// The list of conversations in the side bar, fetched anew when something changed.
import { find } from '../dom.js';
import { fetchPartial } from './fetching.js';

// Several changes come together: an answer's end, its title, the next one's start.
const GATHER_MS = 150;

export class RailList {
  /** `current` gives the page's conversation; `onTitle` gets its title as the list has it. */
  constructor(list, current, onTitle) {
    Object.assign(this, { list, current, onTitle });
    this.timer = 0;
  }

  refreshSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#refresh(), GATHER_MS);
  }

  async #refresh() {
    const id = this.current();
    try {
      const html = await fetchPartial(`/rail/${id ? `?current=${id}` : ''}`);
      const focused = document.activeElement?.closest?.('.convo')?.dataset.conversation;
      this.list.replaceChildren(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
      const title = find('.convo[aria-current="page"] span', this.list)?.textContent;
      if (title) this.onTitle(title);
      if (focused) find(`.convo[data-conversation="${focused}"]`, this.list)?.focus();
    } catch {
      // The list is a convenience; the next change fetches it again.
    }
  }
}
