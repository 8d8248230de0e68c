// A list narrowed while one types: `data-filter` names the rows, whose own attribute holds the words to look in.
import { find, findAll } from '../dom.js';

/** This will wire the filter field; Enter still asks the server, which knows rows that are not on the page. */
export function installFilter() {
  const input = find('[data-filter]');
  if (!input) return;
  const selector = input.dataset.filter;
  const attribute = selector.slice(1, -1);
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = findAll(selector);
    for (const row of rows) {
      const text = row.getAttribute(attribute).toLowerCase();
      row.hidden = !words.every((word) => text.includes(word.replace(/^\//, '')));
    }
    find('[data-filter-none]').hidden = !rows.length || rows.some((row) => !row.hidden);
  });
}
