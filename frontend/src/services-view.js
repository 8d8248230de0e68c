// What the Services page shows, taken from the server's own page: what did not change, or is in use, stays where it is.
import { find, findAll } from './dom.js';

const KEPT = '[data-service]';
const versions = (root) => new Map(findAll(KEPT, root).map((row) => [row.dataset.service, row]));

/** This will put the fresh content into `shown`; returns sentences of what changed, for whoever cannot see it. */
export function show(shown, fresh) {
  const before = versions(shown);
  const said = news(before, fresh);
  keepOpen(shown, fresh);
  for (const row of findAll(KEPT, fresh)) {
    const known = before.get(row.dataset.service);
    if (known && known.tagName === row.tagName && (known.dataset.version === row.dataset.version || isBeingFilled(known))) row.replaceWith(known);
  }
  const focus = focusIn(shown);
  shown.replaceChildren(...fresh.childNodes);
  focus?.();
  return said;
}

/** A key that is being typed is not taken away by what the server tells. */
function isBeingFilled(row) {
  return findAll('input:not([type="hidden"])', row).some((input) => input.value !== '' || input === document.activeElement);
}

function keepOpen(shown, fresh) {
  for (const details of findAll('details[open][data-keep-open]', shown)) {
    const now = find(`details[data-keep-open="${details.dataset.keepOpen}"]`, fresh);
    if (now) now.open = true;
  }
}

function focusIn(shown) {
  const active = document.activeElement;
  if (!shown.contains(active)) return null;
  const row = active.closest(KEPT)?.dataset.service;
  const act = active.closest('form[data-act]')?.dataset.act;
  return () => {
    if (active.isConnected) return active.focus({ preventScroll: true });
    const now = row && find(`[data-service="${row}"]`, shown);
    if (!now) return find('#main')?.focus({ preventScroll: true });
    return (find(`form[data-act="${act}"] button`, now) ?? find('summary, button', now) ?? now).focus({ preventScroll: true });
  };
}

function news(before, fresh) {
  return findAll('article[data-service]', fresh)
    .filter((row) => before.get(row.dataset.service)?.dataset.state !== row.dataset.state)
    .map((row) => find('h4', row).textContent.replace(/\s+/g, ' ').trim());
}
