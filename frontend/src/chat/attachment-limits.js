// What may be attached, asked before anything is sent; the server checks the same again.
import { t } from '../i18n.js';

const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);
// As large as the server takes them: apps/chat/attaching.py.
const MAX_IMAGE_BYTES = 20 * 1024 * 1024;
export const MAX_TEXT_BYTES = 2 * 1024 * 1024;
export const MAX_FILES = 20;
// A paste longer than two screens of text is easier to handle as a file.
export const LONG_PASTE_LENGTH = 4_000;
// Enough to tell text from anything else: no known binary format hides longer.
const LOOKED_AT_BYTES = 65_536;

/** This will tell whether a file is an image the server takes. */
function isImage({ type }) {
  return IMAGE_TYPES.has(type);
}

/** This will say why a file cannot be attached, or null if it can. `count` is how many there are already. */
export async function refusalOf(file, count = 0) {
  if (count >= MAX_FILES) return t('A message carries at most {n} files.', { n: MAX_FILES });
  if (!file.size) return t('The file is empty.');
  if (isImage(file)) return file.size > MAX_IMAGE_BYTES ? t('Too large: an image may have 20 MB at most.') : null;
  const isForeign = /^(?:image|audio|video|font)\//.test(file.type) && file.type !== 'image/svg+xml';
  if (isForeign || !(await isText(file))) return t('Not readable: attach text, or a PNG, JPEG, WebP or GIF image.');
  return file.size > MAX_TEXT_BYTES ? t('Too large: a text file may have 2 MB at most.') : null;
}

/** This will tell whether a file begins like text the server reads: UTF-8, or UTF-16 that says so. */
export async function isText(file) {
  try {
    const bytes = new Uint8Array(await file.slice(0, LOOKED_AT_BYTES).arrayBuffer());
    // UTF-16 says so in its first two bytes, and is half zeros.
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
    if (bytes.includes(0)) return false;
    // Streaming: the piece may end inside of a character.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** This will write a size as people read it. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
