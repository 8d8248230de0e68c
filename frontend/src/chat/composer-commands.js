// What can be done around a message from the keyboard: commands behind `/`, and actions with keys of their own.
import { t } from '../i18n.js';
import { registerAction } from '../shortcuts.js';

const MOST_MODELS = 8;

/** This will list the commands of the `/` menu. */
export function commandsOf(composer) {
  const { menu, parameters } = composer;
  return [
    { name: 'new', title: t('Begin a new conversation'), glyph: 'square-pen', run: () => location.assign('/') },
    { name: 'temporary', title: t('Talk without keeping it'), glyph: 'ghost', run: () => composer.beTemporary() },
    { name: 'model', title: t('Choose the model that answers'), glyph: 'cpu', run: () => menu.open(), takes: (letters) => modelsFor(menu, letters, (name) => menu.use(name)) },
    { name: 'compare', title: t('Have a second model answer beside it'), glyph: 'columns-2', when: () => menu.options.length > 1, run: () => menu.openForComparison(), takes: (letters) => modelsFor(menu, letters, (name) => menu.compareWith(name)) },
    { name: 'system', title: t('Write the system prompt'), glyph: 'settings', run: () => parameters.open('system'), takes: (text) => systemFor(parameters, text) },
    { name: 'parameters', title: t('Temperature, length, answer format and presets'), glyph: 'sliders-horizontal', run: () => parameters.open() },
    { name: 'attach', title: t('Attach images or text files'), glyph: 'paperclip', run: () => composer.attachments.choose() },
  ];
}

function modelsFor(menu, letters, use) {
  const names = letters.trim() ? menu.match(letters.trim()) : menu.options.map((option) => option.dataset.model);
  return names.slice(0, MOST_MODELS).map((name) => ({ title: menu.label(name), run: () => use(name) }));
}

function systemFor(parameters, text) {
  if (!text.trim()) return [{ title: t('Type what the model shall keep to, then Enter'), run: () => parameters.open('system') }];
  return [{ title: t('Set the system prompt to “{text}”', { text: text.trim() }), run: () => parameters.put('system', text.trim()) }];
}

/** This will make the composer's actions known to the palette and the keyboard. */
export function registerComposerActions(composer) {
  const group = () => t('Message');
  const actions = [
    { id: 'composer.focus', label: () => t('Go to the message box'), keys: 'Shift+Escape', icon: 'pencil', run: () => composer.focus() },
    { id: 'composer.attach', label: () => t('Attach files'), keys: 'Mod+U', icon: 'paperclip', run: () => composer.attachments.choose() },
    { id: 'composer.model', label: () => t('Choose the model'), keys: 'Mod+Shift+M', icon: 'cpu', run: () => composer.menu.open() },
    { id: 'composer.compare', label: () => t('Compare two models'), icon: 'columns-2', when: () => composer.menu.options.length > 1, run: () => composer.menu.openForComparison() },
    { id: 'composer.parameters', label: () => t('Parameters and presets'), keys: 'Mod+.', icon: 'sliders-horizontal', run: () => composer.parameters.open() },
    { id: 'composer.prompts', label: () => t('Prompts and commands'), keys: 'Mod+/', icon: 'quote', run: () => composer.slash.open() },
    { id: 'composer.context', label: () => t('What the context holds'), icon: 'book-open', run: () => composer.meter.panel.open() },
    { id: 'composer.steer', label: () => t('Stop the answer and send now'), icon: 'skip-forward', when: () => composer.isAnswering && !composer.isEmpty, run: () => composer.send({ steer: true }) },
  ];
  for (const action of actions) registerAction({ group, ...action });
}
