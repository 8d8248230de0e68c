// Diagrams: mermaid code shown as a picture, with its source a click away; drawn when it comes near the reader's view.
import { copyWith } from '../copy.js';
import { announce, find, icon, make } from '../dom.js';
import { t } from '../i18n.js';
import { drawDiagram } from './diagram-frame-host.js';

// Drawn before it is seen, so that the page does not jump while it is read.
const NEAR_PX = '600px';
// Names of mermaid's colors and the tokens they take.
const COLORS = {
  background: '--raised', primaryColor: '--veined', primaryTextColor: '--ink', primaryBorderColor: '--line-2', secondaryColor: '--gold-wash',
  secondaryTextColor: '--ink', secondaryBorderColor: '--line-2', tertiaryColor: '--sunken', tertiaryTextColor: '--ink', tertiaryBorderColor: '--line',
  lineColor: '--ink-3', textColor: '--ink', mainBkg: '--veined', nodeBorder: '--line-2', clusterBkg: '--sunken', clusterBorder: '--line', titleColor: '--ink',
  edgeLabelBackground: '--raised', noteBkgColor: '--gold-wash', noteTextColor: '--ink', noteBorderColor: '--line-2', actorBkg: '--veined', actorBorder: '--line-2',
  actorTextColor: '--ink', signalColor: '--ink-2', signalTextColor: '--ink', labelBoxBkgColor: '--veined', labelTextColor: '--ink', loopTextColor: '--ink',
  gridColor: '--line', sectionBkgColor: '--sunken', altSectionBkgColor: '--raised', taskBkgColor: '--veined', taskTextColor: '--ink', taskTextDarkColor: '--ink',
  taskTextOutsideColor: '--ink', activeTaskBkgColor: '--gold-wash', doneTaskBkgColor: '--sunken', critBkgColor: '--terracotta', todayLineColor: '--gold',
  attributeBackgroundColorOdd: '--raised', attributeBackgroundColorEven: '--sunken', pieTitleTextColor: '--ink', pieSectionTextColor: '--on-solid',
  pieLegendTextColor: '--ink', pieStrokeColor: '--raised', pieOuterStrokeColor: '--line',
};
// Below that a word of 14 pixels is not read; what is wider then scrolls in its frame.
const SMALLEST_SCALE = 0.7;
const SERIES = ['--c-1', '--c-2', '--c-3', '--c-4', '--c-5', '--c-6'];

const waiting = new WeakMap();
const drawn = new Set();
let observer = null;

/** This will show a code block of mermaid as its picture. */
export function frameDiagram(figure, text) {
  const picture = make('div.drawing', { 'aria-busy': 'true', tabindex: '0', role: 'group', 'aria-label': t('Diagram') }, make('p.caption', {}, t('Drawing the diagram …')));
  figure.classList.add('diagram');
  figure.dataset.shows = 'source';
  find('b', figure).textContent = t('Diagram');
  find('.wrap', figure)?.before(sourceButton(figure), largerButton(figure));
  find('pre', figure).before(picture);
  watch(figure, text);
}

function watch(figure, text) {
  if (!observer) {
    observer = new IntersectionObserver((entries) => entries.forEach(drawWhenNear), { rootMargin: NEAR_PX });
    new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ['data-theme'] });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  }
  waiting.set(figure, text);
  observer.observe(figure);
}

function drawWhenNear({ target, isIntersecting }) {
  if (!isIntersecting) return;
  observer.unobserve(target);
  const text = waiting.get(target);
  waiting.delete(target);
  if (text !== undefined) show(target, text);
}

/** In other colors, after the theme changed. */
function redraw() {
  for (const entry of [...drawn]) {
    drawn.delete(entry);
    if (entry.figure.isConnected) watch(entry.figure, entry.text);
    else URL.revokeObjectURL(entry.url);
  }
}

async function show(figure, text) {
  const picture = find('.drawing', figure);
  try {
    const { svg, width } = await drawDiagram(text, look());
    const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    const image = make('img', { src: url, alt: altOf(text), width, decoding: 'async' });
    image.style.setProperty('min-width', `${Math.round(width * SMALLEST_SCALE)}px`);
    await image.decode();
    const before = find('img', picture);
    if (before) URL.revokeObjectURL(before.src);
    picture.replaceChildren(image);
    // A picture chosen away from stays so.
    if (figure.dataset.chosen === undefined) figure.dataset.shows = 'picture';
    drawn.add({ figure, text, url });
  } catch {
    if (!find('img', picture)) picture.replaceChildren(make('p.caption', {}, icon('info', 's'), t('This diagram could not be drawn. Its source is below.')));
    figure.toggleAttribute('data-broken', !find('img', picture));
  }
  picture.removeAttribute('aria-busy');
  tellSource(figure);
}

function sourceButton(figure) {
  const toggle = () => {
    figure.dataset.shows = figure.dataset.shows === 'picture' ? 'source' : 'picture';
    figure.dataset.chosen = '';
    tellSource(figure);
    announce(figure.dataset.shows === 'source' ? t('The source is shown') : t('The picture is shown'));
  };
  return make('button.copy.source', { type: 'button', onclick: toggle }, t('Show source'));
}

function tellSource(figure) {
  find('.source', figure).textContent = figure.dataset.shows === 'picture' ? t('Show source') : t('Show picture');
}

function largerButton(figure) {
  const label = t('Open larger');
  return make('button.copy.larger', { type: 'button', 'aria-label': label, title: label, onclick: () => openLarger(figure) }, icon('maximize-2', 's'));
}

function openLarger(figure) {
  const image = find('.drawing img', figure);
  if (!image) return;
  const copy = make('button.button.ghost.small', { type: 'button', onclick: ({ currentTarget }) => copyWith(currentTarget, find('code', figure).textContent, null) }, t('Copy'));
  const close = make('button.button.small', { type: 'button', 'data-close-dialog': '' }, t('Close'));
  const canvas = make('div.canvas', { tabindex: '0', role: 'region', 'aria-label': t('Diagram') }, image.cloneNode());
  const dialog = make('dialog.larger-diagram', { 'aria-label': t('Diagram') }, canvas, make('div.actions', {}, copy, close));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** What kind of diagram it is and the words in it, for who does not see the picture. */
function altOf(text) {
  const kind = /^\s*(?:---[\s\S]*?---\s*)?(?:%%[^\n]*\n\s*)*([A-Za-z]+)/.exec(text.slice(0, 2000))?.[1] ?? '';
  const words = [...text.slice(0, 4000).matchAll(/[[({|>"]+([^\][(){}|>"\n]{2,60})[\])}|"]/g)].map((found) => found[1].trim());
  return t('Diagram ({kind}): {words}', { kind, words: [...new Set(words)].slice(0, 12).join(', ') || t('see its source') });
}

function look() {
  const probe = document.body.appendChild(make('span.visually-hidden'));
  // A color on its way to the next would be read as the last one.
  probe.style.setProperty('transition', 'none');
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colors = Object.fromEntries(Object.entries(COLORS).map(([name, token]) => [name, plainColor(probe, context, token)]));
  SERIES.forEach((token, at) => {
    const color = plainColor(probe, context, token);
    for (const name of [`pie${at + 1}`, `cScale${at}`, `git${at}`]) colors[name] = color;
    colors[`cScaleLabel${at}`] = colors[`gitBranchLabel${at}`] = plainColor(probe, context, '--on-solid');
  });
  const isDark = (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  probe.remove();
  return { colors, isDark };
}

/** Mermaid knows no oklch. */
function plainColor(probe, context, token) {
  probe.style.setProperty('color', `var(${token})`);
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = getComputedStyle(probe).color;
  context.fillRect(0, 0, 1, 1);
  return `#${[...context.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
