// Key combinations: read from an event, written for people.
import { t } from './i18n.js';

export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgentData?.platform ?? globalThis.navigator?.platform ?? '');
const ORDER = ['Mod', 'Ctrl', 'Alt', 'Shift'];
const MODIFIER_KEYS = new Set(['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified']);
const MAC_SIGNS = { Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧' };
const NAMES = { ' ': 'Space', '+': 'Plus' };

/** This will name what an event pressed, 'Mod+Shift+O'; '' for a modifier alone. Mod is ⌘ on a Mac and Ctrl elsewhere. */
export function combinationOf(event) {
  const key = keyOf(event);
  if (!key) return '';
  const held = new Set();
  if (isMac ? event.metaKey : event.ctrlKey) held.add('Mod');
  if (isMac && event.ctrlKey) held.add('Ctrl');
  // Windows' own key and Linux's Super belong to the desktop.
  if (!isMac && event.metaKey) return '';
  if (event.altKey) held.add('Alt');
  // Where Shift made the sign it is part of the sign: `?` is `?` on every keyboard.
  if (event.shiftKey && !(key.length === 1 && !/[A-Z0-9]/.test(key))) held.add('Shift');
  return [...ORDER.filter((name) => held.has(name)), key].join('+');
}

function keyOf(event) {
  const { key = '', code = '' } = event;
  if (!key || MODIFIER_KEYS.has(key)) return '';
  // Other alphabets, and ⌥ on a Mac, write other signs on the same keys: the key's place counts then.
  const isPlain = /^[\x20-\x7e]$/.test(key);
  if (key.length === 1 && (!isPlain || event.altKey)) {
    const place = /^(?:Key|Digit)(.)$/.exec(code)?.[1];
    if (place) return place;
  }
  if (NAMES[key]) return NAMES[key];
  return key.length === 1 ? key.toUpperCase() : key;
}

/** This will tell whether the combination writes something, so that it is no shortcut in a text field. */
export function keysAreTyped(keys) {
  const parts = keys.split('+');
  const key = parts.at(-1);
  if (parts.includes('Mod') || parts.includes('Ctrl')) return false;
  // Function keys write nothing; ⌥ and a letter write a sign on a Mac, Alt and a letter nothing elsewhere.
  return !/^F\d+$/.test(key) && (isMac || !parts.includes('Alt'));
}

/** This will write a combination as this machine's people know it. */
export function showKeys(keys) {
  if (!keys) return '';
  const parts = keys.split('+').map((part) => (isMac ? (MAC_SIGNS[part] ?? keyName(part)) : part === 'Mod' ? t('Ctrl') : keyName(part)));
  return parts.join(isMac ? '' : ' ');
}

function keyName(part) {
  const names = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Enter: '⏎', Escape: t('Esc'), Delete: t('Del'), Space: t('Space'), Plus: '+', Backspace: '⌫', Shift: t('Shift'), Alt: t('Alt') };
  return names[part] ?? part;
}
