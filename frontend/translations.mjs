// Compiles locale/*/LC_MESSAGES/*.po: django.po to the .mo Django reads, djangojs.po to a script for the browser.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mo, po } from 'gettext-parser';

// A plural rule becomes code of a page, so it may hold arithmetic on n and nothing else.
const RULE = /plural\s*=\s*([n\d\s()?:=!<>|&%+-]+);?/;

/** This will compile every language and return the browser's scripts: `{ 'catalog-de.js': source }`. */
export function compileTranslations(localeFolder) {
  const scripts = {};
  if (!existsSync(localeFolder)) return scripts;
  for (const language of readdirSync(localeFolder)) {
    const folder = join(localeFolder, language, 'LC_MESSAGES');
    for (const domain of ['django', 'djangojs']) {
      const path = join(folder, `${domain}.po`);
      if (!existsSync(path)) continue;
      const parsed = po.parse(readFileSync(path));
      if (domain === 'django') writeFileSync(join(folder, 'django.mo'), mo.compile(withoutFuzzy(parsed)));
      else scripts[`catalog-${language}.js`] = script(withoutFuzzy(parsed));
    }
  }
  return scripts;
}

function withoutFuzzy(parsed) {
  for (const messages of Object.values(parsed.translations)) {
    for (const [key, message] of Object.entries(messages)) {
      if (key && (message.comments?.flag?.includes('fuzzy') || !message.msgstr.every(Boolean))) delete messages[key];
    }
  }
  return parsed;
}

function script(parsed) {
  const messages = {};
  for (const [key, message] of Object.entries(parsed.translations[''] ?? {})) if (key) messages[key] = message.msgstr;
  const rule = RULE.exec(parsed.headers['Plural-Forms'] ?? '')?.[1] ?? 'n != 1';
  return `globalThis.olympusCatalog={messages:${JSON.stringify(messages)},plural:(n)=>Number(${rule})};\n`;
}
