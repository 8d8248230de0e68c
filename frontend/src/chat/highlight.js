// Colors for code: highlight.js with its common languages in one chunk, the others each in their own.
import engine from 'highlight.js/lib/common';
import { rareLanguages } from './languages.js';

// Past this size coloring takes longer than a frame has.
const LARGEST_CHARS = 40_000;
// What models write that highlight.js calls otherwise.
const ALSO_CALLED = { jsonc: 'json', json5: 'json', svelte: 'xml', vue: 'xml', astro: 'xml', console: 'shell', mdx: 'markdown', terraform: 'ini', hcl: 'ini', toml: 'ini', dockerfile: 'dockerfile', docker: 'dockerfile', ps1: 'powershell', bat: 'dos', cmd: 'dos', tex: 'latex', proto: 'protobuf', asm: 'x86asm', ex: 'elixir', exs: 'elixir', hs: 'haskell', clj: 'clojure', jl: 'julia', ml: 'ocaml', fs: 'fsharp', erl: 'erlang', postgresql: 'pgsql', psql: 'pgsql', jinja: 'django', jinja2: 'django', hbs: 'handlebars', f90: 'fortran', pas: 'delphi', pascal: 'delphi', styl: 'stylus', zig: 'c', solidity: 'javascript', sol: 'javascript', cypher: 'sql', env: 'properties' };

/** This will return the code as escaped HTML with color classes, or null where it is left as it is. */
export async function highlighted(text, named) {
  if (text.length > LARGEST_CHARS) return null;
  const language = Object.hasOwn(ALSO_CALLED, named.toLowerCase()) ? ALSO_CALLED[named.toLowerCase()] : named.toLowerCase();
  if (!engine.getLanguage(language)) {
    if (!Object.hasOwn(rareLanguages, language)) return null;
    engine.registerLanguage(language, (await rareLanguages[language]()).default);
  }
  return engine.highlight(text, { language, ignoreIllegals: true }).value;
}
