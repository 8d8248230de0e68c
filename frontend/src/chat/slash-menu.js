// The menu behind `/` at the start of an empty line: prompts of the library and commands, found by a few letters.
import { announce, find, icon, make } from '../dom.js';
import { nt, t } from '../i18n.js';
import { Listbox } from './listbox.js';
import { rankByFit } from './prompt-values.js';

// What fits on a phone above its keyboard, and more than anybody reads.
const MOST_SHOWN = 40;

export class SlashMenu {
  /** `commands` is a list of `{ name, title, glyph, run(argument), takes?, when? }`; `library` lists prompts; `use(prompt)` takes one. */
  constructor(field, menu, { commands, library, use }) {
    Object.assign(this, { field, menu, commands, library, use });
    this.list = find('[role="listbox"]', menu);
    this.box = new Listbox(this.list, field, (option) => this.#choose(option));
    this.entries = new Map();
    this.leftAt = null;
    field.addEventListener('input', () => this.refresh());
    field.addEventListener('click', () => this.refresh());
    field.addEventListener('keyup', ({ key }) => /^(?:Arrow(?:Left|Right)|Home|End)$/.test(key) && this.refresh());
    field.addEventListener('blur', () => setTimeout(() => menu.contains(document.activeElement) || this.close()));
    menu.addEventListener('focusout', ({ relatedTarget }) => relatedTarget && relatedTarget !== field && !menu.contains(relatedTarget) && this.close());
  }

  get isOpen() {
    return !this.menu.hidden;
  }

  /** This will open, narrow or close the menu by what stands before the caret. */
  refresh() {
    const typed = this.#typed();
    if (!typed) {
      this.leftAt = null;
      this.close();
    } else if (this.leftAt !== typed.start) this.#show(typed);
  }

  /** This will type the slash for the person. */
  open() {
    this.field.focus();
    const { value, selectionEnd } = this.field;
    const lineStart = value.lastIndexOf('\n', selectionEnd - 1) + 1;
    const isEmptyLine = !value.slice(lineStart).split('\n')[0];
    if (!isEmptyLine) this.field.setSelectionRange(value.length, value.length);
    insert(this.field, isEmptyLine ? '/' : '\n/');
  }

  close() {
    if (!this.isOpen) return;
    this.menu.hidden = true;
    this.box.activate(null);
    this.field.removeAttribute('aria-controls');
  }

  /** This will take a key while the menu is open; false if it is the field's. */
  key(event) {
    if (!this.isOpen) return false;
    if (event.key === 'Escape') {
      this.leftAt = this.#typed()?.start ?? null;
      this.close();
      return true;
    }
    const isChoice = (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.metaKey) || (event.key === 'Tab' && !event.shiftKey);
    if (isChoice) return this.box.chooseActive();
    return this.box.move(event.key, { edges: false });
  }

  /** A slash at the start of a line and what follows it up to the caret, if that is all of the line. */
  #typed() {
    const { value, selectionStart, selectionEnd } = this.field;
    if (selectionStart !== selectionEnd) return null;
    const start = value.lastIndexOf('\n', selectionEnd - 1) + 1;
    if (value[start] !== '/' || selectionEnd <= start) return null;
    const end = value.indexOf('\n', selectionEnd);
    if (value.slice(selectionEnd, end < 0 ? undefined : end).trim()) return null;
    const text = value.slice(start + 1, selectionEnd);
    // A second slash makes it a path, a space at once a sentence.
    return text.includes('/') || text.startsWith(' ') || text.length > 200 ? null : { start, end: selectionEnd, text };
  }

  async #show(typed) {
    this.#draw(typed);
    if (this.library.isFresh) return;
    await this.library.load();
    const now = this.#typed();
    if (now && this.leftAt !== now.start && document.activeElement === this.field) this.#draw(now);
  }

  #draw({ text }) {
    const [word, ...rest] = text.split(' ');
    const argument = text.includes(' ') ? rest.join(' ') : null;
    const commands = this.#commandsFor(word.toLowerCase(), argument);
    const prompts = rankByFit(this.library.prompts ?? [], text.trim());
    if (argument !== null && !prompts.length && !commands.length) {
      this.close();
      return;
    }
    const wasOpen = this.isOpen;
    this.#fill(prompts.slice(0, MOST_SHOWN), commands, text);
    if (!this.entries.size && text) {
      this.close();
      return;
    }
    this.menu.hidden = false;
    this.field.setAttribute('aria-controls', this.list.id);
    this.box.activate(this.box.options[0]);
    if (!wasOpen || text) announce(nt('{n} choice. Arrows choose, Enter takes it.', '{n} choices. Arrows choose, Enter takes one.', this.entries.size));
  }

  #commandsFor(word, argument) {
    const possible = this.commands.filter((command) => command.when?.() ?? true);
    if (argument === null) return rankByFit(possible, word);
    const command = possible.find((one) => one.name === word && one.takes);
    return command ? command.takes(argument).map((choice) => ({ ...choice, name: word, glyph: command.glyph })) : [];
  }

  #fill(prompts, commands, text) {
    this.entries.clear();
    const groups = [
      [t('Prompts'), prompts.map((prompt) => this.#option(prompt, 'quote', () => this.use(prompt)))],
      [t('Commands'), commands.map((command) => this.#option(command, command.glyph, () => command.run()))],
    ];
    // What begins with the typed letters is what is meant: `/new` before a prompt with "new" in it.
    if (text && commands.some(({ name }) => name.startsWith(text))) groups.reverse();
    this.list.replaceChildren(...groups.filter(([, options]) => options.length).map(([label, options]) => make('div.group', { role: 'group', 'aria-label': label }, make('span.group-label', { 'aria-hidden': 'true' }, label), ...options)));
    find('.first-prompt', this.menu).hidden = !this.library.isFresh || Boolean(this.library.prompts?.length) || Boolean(text);
    const trouble = find('.problem', this.menu);
    trouble.hidden = !this.library.problem;
    trouble.textContent = this.library.problem ?? '';
  }

  #option({ name, title, text }, glyph, run) {
    const id = `slash-${this.entries.size}`;
    const shown = make('b', {}, `/${name}`);
    const line = title || (text ?? '').split('\n')[0];
    const option = make('div.option', { id, role: 'option', 'aria-selected': 'false' }, icon(glyph), make('span.what', {}, shown, make('small', {}, line)));
    this.entries.set(id, run);
    return option;
  }

  #choose(option) {
    const run = this.entries.get(option.id);
    const typed = this.#typed();
    this.close();
    if (typed) {
      this.field.focus();
      this.field.setSelectionRange(typed.start, typed.end);
      insert(this.field, '');
    }
    run?.();
  }
}

/** This will put text in place of the selection so that Control Z takes it back. */
export function insert(field, text) {
  field.focus();
  // After a dialog the field has the focus, but Chromium's selection is not there until it is set.
  field.setSelectionRange(field.selectionStart, field.selectionEnd);
  // The only way that keeps the browser's own undo; what replaces it is not there yet.
  const done = text ? document.execCommand('insertText', false, text) : document.execCommand('delete');
  if (done) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText' }));
}
