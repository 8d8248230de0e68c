// Copying to the clipboard, also where the page is not served over HTTPS.
import { announce } from './dom.js';
import { t } from './i18n.js';

const SHOWN_MS = 1600;

/** This will wire every `[data-copy]`: its value is a selector, else the code beside the button is copied. */
export function installCopy() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (!button) return;
    const source = button.dataset.copy ? document.querySelector(button.dataset.copy) : button.closest('.code, .code-block')?.querySelector('code, pre');
    if (source) copyWith(button, 'value' in source ? source.value : source.textContent, source);
  });
}

/** This will copy the text and say so on the button; where the browser refuses, it selects the source to be copied by hand. */
export async function copyWith(button, text, source) {
  if (!(await copyText(text))) {
    if (source) select(source);
    announce(t('Copying is not allowed here. The text is selected: press Control C.'));
    return;
  }
  const label = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const before = label?.data;
  button.dataset.done = '';
  if (label) label.data = t('Copied');
  announce(t('Copied'));
  setTimeout(() => {
    delete button.dataset.done;
    if (label) label.data = before;
  }, SHOWN_MS);
}

async function copyText(text) {
  try {
    // Missing on plain HTTP outside of this machine.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused: try the older way.
  }
  return copyBySelection(text);
}

function copyBySelection(text) {
  const active = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  area.setAttribute('aria-hidden', 'true');
  // An open dialog makes all outside of it inert, so stay inside.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  active?.focus?.();
  return done;
}

function select(source) {
  if (source.select) source.select();
  else getSelection().selectAllChildren(source);
}
