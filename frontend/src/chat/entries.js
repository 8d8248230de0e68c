// What stands in the list of turns: single turns, and comparisons, which hold two.
import { find, findAll } from '../dom.js';

const ENTRY = '.turn[data-message], .comparison';

/** This will list the stored entries of a list, top to bottom; unsent messages are none. */
export const entriesIn = (list) => [...list.children].filter((child) => child.matches(ENTRY));

/** This will return the entry an element stands in: itself, or the comparison around it. */
export const entryOf = (element) => element?.closest('.comparison') ?? element?.closest('.turn') ?? null;

/** This will list the answers and messages an entry holds. */
export const turnsOf = (entry) => (entry.matches('.comparison') ? findAll('.turn[data-message]', entry) : [entry]);

/** This will return the message an entry is known by. */
export const messageOf = (entry) => entry?.dataset.message || (entry && find('.turn[data-message]', entry)?.dataset.message) || null;

/** This will return how many messages stand above an entry in its branch, null if the page does not know yet. */
export function depthOf(entry) {
  const depth = entry?.dataset.depth;
  return depth === undefined || depth === '' ? null : Number(depth);
}

/** This will read a partial: its entries, and the window they are. */
export function readTurns(html) {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  return { entries: entriesIn(parsed.body), window: takeWindow(parsed.body) };
}

/** This will read where a list of turns stands in its branch and take the note of it away; null if there is none. */
export function takeWindow(root) {
  const note = find('.window', root);
  if (!note) return null;
  note.remove();
  const { first, last, total, leaf } = note.dataset;
  return {
    first: Number(first),
    last: Number(last),
    total: Number(total),
    leaf: leaf || null,
    hasBefore: 'hasBefore' in note.dataset,
    hasAfter: 'hasAfter' in note.dataset,
    isAside: 'aside' in note.dataset,
  };
}
