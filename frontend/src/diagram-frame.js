// The page inside of the diagram frame: draws what it is sent and sends back a picture. It has no origin, no network,
// no storage; whatever a diagram makes mermaid do stays in here.
import mermaid from 'mermaid';

// Far more than fits a screen; mermaid takes seconds for what is larger.
const MOST_CHARS = 20_000;
const MOST_EDGES = 300;

// Mermaid measures labels as HTML: only what breaks a line or changes its weight stays a tag. `<<interface>>` is its own.
const TAG = /(?<!<)<(?!\/?(?:br|b|i|em|strong|sub|sup|small)\s*\/?>)(?=[a-z!/?])/gi;

addEventListener('message', async ({ source, data }) => {
  if (source !== parent || typeof data?.id !== 'number' || typeof data.text !== 'string') return;
  try {
    parent.postMessage({ id: data.id, ...(await draw(data)) }, '*');
  } catch (error) {
    parent.postMessage({ id: data.id, error: String(error?.message ?? error).slice(0, 300) }, '*');
  } finally {
    document.body.replaceChildren();
  }
});

async function draw({ id, text, colors, isDark }) {
  mermaid.initialize({
    startOnLoad: false, securityLevel: 'strict', suppressErrorRendering: true, maxTextSize: MOST_CHARS, maxEdges: MOST_EDGES,
    htmlLabels: false, flowchart: { htmlLabels: false, useMaxWidth: false }, deterministicIds: true, darkMode: !!isDark,
    theme: 'base', themeVariables: { ...colors, dropShadow: 'none', useGradient: false, fontFamily: 'system-ui, sans-serif', fontSize: '14px' }, fontFamily: 'system-ui, sans-serif',
    // What an author may not change from within a diagram.
    secure: ['secure', 'securityLevel', 'startOnLoad', 'maxTextSize', 'maxEdges', 'suppressErrorRendering', 'htmlLabels', 'flowchart', 'themeCSS', 'fontFamily', 'themeVariables', 'theme', 'dompurifyConfig'],
  });
  const { svg } = await mermaid.render(`d${id}`, text.replace(TAG, '‹'));
  return picture(svg);
}

/** Only what is drawn: no HTML, no links, no pictures from elsewhere. The page around checks it again. */
function picture(svg) {
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml');
  const root = parsed.documentElement;
  for (const element of parsed.querySelectorAll('script, foreignObject, image, iframe, animate, set')) element.remove();
  for (const link of parsed.querySelectorAll('a')) link.replaceWith(...link.childNodes);
  for (const element of [root, ...parsed.querySelectorAll('*')]) {
    for (const { name, value } of [...element.attributes]) {
      if (/^on/i.test(name) || (/(?:^|:)href$/i.test(name) && !value.startsWith('#'))) element.removeAttribute(name);
    }
  }
  const { width, height } = root.viewBox?.baseVal ?? { width: 0, height: 0 };
  root.setAttribute('width', String(width));
  root.setAttribute('height', String(height));
  return { svg: new XMLSerializer().serializeToString(root), width, height };
}

parent.postMessage({ ready: true }, '*');
