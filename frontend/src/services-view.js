// What the Services page shows, taken from the server's own page: what did not change, or is in use, stays where it is.
import { find, findAll } from './dom.js';

const KEPT = '[data-service]';
const rowsIn = (root) => new Map(findAll(KEPT, root).map((row) => [row.dataset.service, row]));

/** This will put the fresh content into `shown`; returns sentences of what changed, for whoever cannot see it. */
export function show(shown, fresh) {
  const said = news(rowsIn(shown), fresh);
  keepOpen(shown, fresh);
  const focus = focusIn(shown);
  settle(shown, fresh);
  focus?.();
  return said;
}

/** What stays is not even moved: a press that has begun on it would come to nothing, and a selection would go. */
function settle(place, fresh) {
  const known = new Map([...place.children].map((part) => [nameOf(part), part]));
  const parts = [...fresh.children].map((part) => {
    const before = known.get(nameOf(part));
    known.delete(nameOf(part));
    return before && stays(before, part) ? before : part;
  });
  for (const part of [...place.children]) if (!parts.includes(part)) part.remove();
  for (const [index, part] of parts.entries()) if (place.children[index] !== part) place.insertBefore(part, place.children[index] ?? null);
}

const nameOf = (part) => [part.localName, part.dataset.service ?? part.getAttribute('aria-labelledby') ?? part.className].join(' ');

function stays(part, fresh) {
  if (part.matches(KEPT)) return part.dataset.version === fresh.dataset.version || isBeingFilled(part);
  if (part.isEqualNode(fresh)) return true;
  const isFrame = Boolean(find(KEPT, part) && find(KEPT, fresh));
  if (isFrame) settle(part, fresh);
  return isFrame;
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
