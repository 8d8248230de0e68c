// The browser build: bundles scripts and styles, copies fonts, draws the icon sprite, and writes the names into static/dist/meta.json.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { iconNames } from './icons.mjs';
import { compileTranslations } from './translations.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const out = join(root, 'static', 'dist');

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  metafile: true,
  outdir: out,
  legalComments: 'none',
  logLevel: 'warning',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk/[name]-[hash]',
  assetNames: 'font/[name]-[hash]',
  // The oldest browsers that know light-dark(), which the tokens stand on.
  target: ['chrome123', 'firefox121', 'safari17.5'],
};

function sprite() {
  const symbols = iconNames.map((name) => symbol(name, join(here, 'node_modules/lucide-static/icons', `${name}.svg`), '0 0 24 24'));
  symbols.push(symbol('mark', join(root, 'static/olympus/mark.svg'), '0 0 32 32'));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
}

function symbol(id, path, viewBox) {
  const body = readFileSync(path, 'utf8').replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '').replace(/\s+/g, ' ').trim();
  return `<symbol id="${id}" viewBox="${viewBox}">${body}</symbol>`;
}

function writeHashed(name, text) {
  // Same shape as esbuild's hashes, so one rule says which files never change under their name.
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  const file = name.replace('.', `-${hash}.`);
  writeFileSync(join(out, file), text);
  return file;
}

function namesIn(outputs) {
  const names = {};
  for (const [path, output] of Object.entries(outputs)) {
    const file = path.slice(path.indexOf('static/dist/') + 'static/dist/'.length);
    const inputs = Object.keys(output.inputs);
    // What is imported on demand counts as an entry too, but nobody asks for it by name.
    if (output.entryPoint && !file.includes('/')) names[basename(output.entryPoint)] = file;
    else if (file.startsWith('font/')) names[basename(inputs[0])] = file;
  }
  return names;
}

function removeStale(keep) {
  for (const file of readdirSync(out, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath ?? file.path, file.name);
    if (file.isFile() && !keep.has(path)) rmSync(path);
  }
}

// KaTeX names every font in three formats; each browser we build for reads the first.
const onlyNewFonts = {
  name: 'only-new-fonts',
  setup: (build) => build.onLoad({ filter: /katex\.min\.css$/ }, ({ path }) => ({
    contents: readFileSync(path, 'utf8').replace(/,url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)/g, ''),
    loader: 'css',
  })),
};

mkdirSync(out, { recursive: true });
const scripts = await esbuild.build({ ...shared, entryPoints: ['src/app.js', 'src/chat.js', 'src/data.js', 'src/shared.js', 'src/library.js', 'src/routing.js', 'src/servers.js', 'src/models.js', 'src/services.js', 'src/settings.js'], format: 'esm', splitting: true });
// Runs before the first paint, so it must be a classic script.
const theme = await esbuild.build({ ...shared, entryPoints: ['src/theme.js'], format: 'iife' });
// Large, and loaded by its frame alone, so it shares nothing with the pages.
const diagrams = await esbuild.build({ ...shared, entryPoints: ['src/diagram-frame.js'], format: 'esm', splitting: true, chunkNames: 'diagram/[name]-[hash]' });
const styles = await esbuild.build({
  ...shared, entryPoints: ['src/css/tokens.css', 'src/css/app.css', 'src/css/katex.css'], loader: { '.woff2': 'file' }, plugins: [onlyNewFonts],
});
const outputs = Object.assign({}, ...[scripts, theme, diagrams, styles].map((built) => built.metafile.outputs));
const written = { 'icons.svg': sprite(), ...compileTranslations(join(root, 'locale')) };
const drawn = Object.fromEntries(Object.entries(written).map(([name, text]) => [name, writeHashed(name, text)]));
const names = { ...namesIn(outputs), ...drawn };
const meta = join(out, 'meta.json');
writeFileSync(`${meta}.new`, `${JSON.stringify(names, null, 1)}\n`);
renameSync(`${meta}.new`, meta);
removeStale(new Set([meta, ...Object.keys(outputs).map((path) => join(here, path)), ...Object.values(drawn).map((file) => join(out, file))]));
const sizes = Object.entries(outputs).filter(([path, o]) => o.entryPoint && names[basename(o.entryPoint)] === basename(path)).map(([path, o]) => `${basename(path)} ${(o.bytes / 1024).toFixed(0)} KB`);
console.log(`Built ${sizes.join(', ')}`);
