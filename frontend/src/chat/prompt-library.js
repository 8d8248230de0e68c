// The prompts the person may use, fetched when they are first asked for.
import { api } from '../api.js';

// A prompt made in another tab is there by the next time.
const FRESH_MS = 30_000;
// Two thousand prompts: more than anybody keeps.
const MOST_PAGES = 10;

export class PromptLibrary {
  constructor({ now = () => Date.now() } = {}) {
    this.now = now;
    this.prompts = null;
    this.problem = null;
    this.fetchedAt = -Infinity;
    this.loading = null;
  }

  get isFresh() {
    return this.now() - this.fetchedAt < FRESH_MS;
  }

  /** This will bring the list up to date; what went wrong stands in `problem`. */
  load() {
    this.loading ??= this.#load().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  async #load() {
    try {
      this.prompts = await allPages();
      this.problem = null;
    } catch (error) {
      this.problem = error.message;
    }
    this.fetchedAt = this.now();
  }
}

async function allPages() {
  const prompts = [];
  let cursor = '';
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const page = await api('GET', `/prompts?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    prompts.push(...page.results);
    if (!page.next) break;
    cursor = page.next;
  }
  return prompts;
}
