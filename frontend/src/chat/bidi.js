// Signs that turn the direction of writing are invisible, and can make code read otherwise than it runs: they are shown.
import { make } from '../dom.js';
import { t } from '../i18n.js';

const TURNING = /[\u202a-\u202e\u2066-\u2069]/;
const EACH = /([\u202a-\u202e\u2066-\u2069])/;

/** This will make the turning signs in code visible and keep each from reaching past itself. */
export function showTurningSigns(code) {
  if (!TURNING.test(code.textContent)) return;
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (TURNING.test(walker.currentNode.data) && !walker.currentNode.parentElement.closest('.turning')) found.push(walker.currentNode);
  for (const node of found) node.replaceWith(...node.data.split(EACH).filter(Boolean).map(shown));
}

function shown(part) {
  if (!EACH.test(part)) return part;
  const name = `U+${part.charCodeAt(0).toString(16).toUpperCase()}`;
  return make('span.turning', { 'data-name': name, title: t('An invisible sign that turns the direction of writing: {name}', { name }) }, part);
}
