// Text counted as the server counts it: in code points, where JavaScript counts UTF-16 units.

/** This will count code points; a pair of surrogates is one. */
export function codePointLength(text) {
  let length = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff && isLow(text.charCodeAt(at + 1))) {
      length -= 1;
      at += 1;
    }
  }
  return length;
}

/** This will return the text without its first `count` code points. */
export function withoutFirst(text, count) {
  let at = 0;
  for (let passed = 0; passed < count && at < text.length; passed += 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return text.slice(at);
}

function isLow(unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
