// How an unfinished block is shown: what is still open is closed, what may yet become something else is held back.

// A last line that is only the beginning of a construct: a bullet, a number, a fence, a table row, an underline.
const HALF_MADE = /(^|\n)[ \t]{0,3}(?:[-*+]|\d{1,9}[.)]?|#{1,6}|>|`{1,3}|~{1,3}|\||=+|-{1,2}|:?-+:?)[ \t]*$/;
const HALF_ROW = /\n[ \t]{0,3}\|[^\n]*$/;
const CODE_SPAN = /(`+)(?:(?!\1)[\s\S]|`(?!\1))*?\1/g;
const OPEN_DISPLAY = /(?:^|\n)[ \t>*+\-\d.)]*(\$\$(?!\$)|\\\[)/g;
const OPEN_INLINE = /(?:^|[^\\0-9A-Za-z$])(\$)(?![\s$])(?=[^$\n]*[\\^_{])[^$\n]{1,300}$|(\\\()(?:(?!\\\))[\s\S]){1,300}$/;
const EMPHASIS = ['**', '__', '~~', '*', '_'];

/** This will return the source of an unfinished block as it should be shown for now. */
export function heal(source) {
  return closeFormula(source) ?? closeInline(withoutHalfRow(source.replace(HALF_MADE, '$1')));
}

/** A formula that is being written is shown as one: a displayed one begins a line, one in the line has a sign only TeX has. */
function closeFormula(source) {
  const piece = source.slice(source.lastIndexOf('\n\n') + 1);
  const opening = [...piece.matchAll(OPEN_DISPLAY)].at(-1);
  if (opening) {
    const closing = opening[1] === '$$' ? '$$' : '\\]';
    const body = piece.slice(opening.index + opening[0].length);
    if (!body.includes(closing)) {
      const whole = source.replace(/[\\$]$/, '').trimEnd();
      return body.trim().length > 1 ? `${whole}${closing}` : whole.slice(0, source.length - body.length - 2);
    }
  }
  const inline = OPEN_INLINE.exec(piece.replace(CODE_SPAN, (span) => 'x'.repeat(span.length)));
  if (!inline) return null;
  return inline[1] === '$' ? `${source.replace(/\\$/, '').trimEnd()}$` : `${source.replace(/\\$/, '')}\\)`;
}

function withoutHalfRow(source) {
  // Cells that come one after the other would make the last row jump.
  return HALF_ROW.test(source) && !/\|[ \t]*$/.test(source) ? source.replace(HALF_ROW, '') : source;
}

function closeInline(source) {
  const start = source.lastIndexOf('\n\n') + 1;
  const head = source.slice(0, start);
  let last = source.slice(start);
  const bare = last.replace(CODE_SPAN, (span) => 'x'.repeat(span.length));
  const tick = bare.indexOf('`');
  if (tick >= 0) return closeCode(head, last, /^`+/.exec(bare.slice(tick))[0]);
  last = withoutHalfLink(last, bare);
  return head + closeEmphasis(last);
}

function closeCode(head, last, fence) {
  const open = last.endsWith(fence) ? last.slice(0, -fence.length) : last + fence;
  return head + open;
}

/** `[text](http` shows as `text` until the link is whole. */
function withoutHalfLink(last, bare) {
  const at = bare.lastIndexOf('[');
  if (at < 0 || !/^\[[^\]\n]*(?:\](?:\([^)\n]*)?)?$/.test(bare.slice(at))) return last;
  const begin = at > 0 && bare[at - 1] === '!' ? at - 1 : at;
  return last.slice(0, begin) + last.slice(at + 1).replace(/\](?:\([^)]*)?$/, '');
}

function closeEmphasis(last) {
  let text = last.replace(/(?:\*{1,3}|_{1,3}|~{1,2})$/, '');
  let bare = text.replace(CODE_SPAN, '').replace(/(^|\n)[ \t]*[*+-][ \t]+/g, '$1').replace(/\\[\s\S]/g, '');
  for (const sign of EMPHASIS) {
    const found = bare.split(sign).length - 1;
    bare = bare.split(sign).join('');
    const isWordPart = sign.startsWith('_') && !new RegExp(`(^|[\\s(])${sign}\\S`).test(last);
    if (found % 2 && !isWordPart) text = text.trimEnd() + sign;
  }
  return text;
}
