// Small ways to make and find elements.
export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

/** This will make an element: `make('p.caption', { title: '…' }, 'text', child)`. Text never becomes markup. */
export function make(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** This will draw an icon of the sprite; like the template tag of the same name. */
export function icon(name, size = '') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', name === 'mark' ? 'mark' : `icon ${size}`.trim());
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${document.documentElement.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** This will tell a screen reader one sentence, politely. */
export function announce(sentence) {
  const region = document.getElementById('said');
  if (!region) return;
  // The same sentence twice is not read twice unless the text changes.
  region.textContent = region.textContent === sentence ? `${sentence}\u00a0` : sentence;
}
