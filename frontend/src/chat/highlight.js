// Colors for code: highlight.js with its common languages, in a chunk of its own.
import engine from 'highlight.js/lib/common';

// Past this size coloring takes longer than a frame has.
const LARGEST_CHARS = 40_000;

/** This will return the code as escaped HTML with color classes, or null where it is left as it is. */
export function highlighted(text, language) {
  if (text.length > LARGEST_CHARS || !engine.getLanguage(language)) return null;
  return engine.highlight(text, { language, ignoreIllegals: true }).value;
}
