// Words for people in the reader's language. English is written in the code and is its own key;
// other languages come as one classic script that sets `olympusCatalog` before any module runs.
const catalog = globalThis.olympusCatalog ?? { messages: {}, plural: (n) => Number(n !== 1) };

/** This will translate a text; `t('Stopped after {n} words', { n })` puts values into it. */
export function t(message, values = {}) {
  return fill(catalog.messages[message]?.[0] ?? message, values);
}

/** This will translate a text that depends on a number, which is `{n}` in it. */
export function nt(one, many, n, values = {}) {
  const forms = catalog.messages[one];
  return fill(forms?.[catalog.plural(n)] ?? (n === 1 ? one : many), { n: new Intl.NumberFormat(document.documentElement.lang).format(n), ...values });
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
