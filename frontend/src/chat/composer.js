// The composer: one field, what goes with it, and one button that sends, queues or stops.
import { announce, find } from '../dom.js';
import { t } from '../i18n.js';
import { Attachments } from './attachments.js';
import { commandsOf, registerComposerActions } from './composer-commands.js';
import { Marks } from './composer-marks.js';
import { ContextMeter } from './context-meter.js';
import { ConversationSettings } from './conversation-settings.js';
import { DraftKeeper } from './draft-keeper.js';
import { DraftStore } from './draft-store.js';
import { acceptDrops, acceptPastes } from './dropping.js';
import { ModelMenu } from './model-menu.js';
import { sameOptions } from './parameter-values.js';
import { Parameters } from './parameters.js';
import { PromptForm } from './prompt-form.js';
import { PromptLibrary } from './prompt-library.js';
import { SendButton } from './send-button.js';
import { SlashMenu, insert } from './slash-menu.js';

// On a phone's keyboard Enter is the only way to break a line.
const typesByTouch = matchMedia('(hover: none) and (pointer: coarse)');
// Settings that were just changed reach the server within this time, or the message goes without waiting.
const SETTINGS_PATIENCE_MS = 2_000;
const growsByItself = CSS.supports('field-sizing', 'content');

export class Composer extends EventTarget {
  // Events: "send", "stop", "edit-last", "hint" {detail: a sentence about what is in the composer, or ''}.
  constructor(form) {
    super();
    this.form = form;
    this.field = find('textarea', form);
    this.switch = find('[data-temporary-switch]', form);
    this.isAnswering = this.isWaiting = this.steers = false;
    this.isTooLong = false;
    this.said = '';
    this.#build();
    this.#wire();
    this.#restore();
    this.#refresh();
  }

  get text() {
    return this.field.value;
  }

  set text(value) {
    this.field.value = value;
    this.#edited();
  }

  get isTemporary() {
    return this.switch?.getAttribute('aria-pressed') === 'true';
  }

  get isEmpty() {
    return !/\S/.test(this.text) && !this.attachments.ready().length;
  }

  setAnswering(isAnswering) {
    const isOver = this.isAnswering && !isAnswering;
    this.isAnswering = isAnswering;
    if (isOver) this.meter.refreshSoon();
    this.#refresh();
  }

  /** This will take the switches of a new conversation away: it has begun. */
  begin() {
    if (this.switch) this.switch.hidden = true;
    this.marks.dropProject();
    this.field.placeholder = t('Reply, or type / for a command');
  }

  /** This will go on as the conversation the server made of the first message. */
  began(id) {
    const isTemporary = this.isTemporary;
    this.settings.begin(id, { isTemporary, settings: this.#settings() });
    this.drafts.moveTo(id);
    this.meter.refreshSoon();
  }

  focus() {
    this.field.focus();
    this.field.setSelectionRange(this.text.length, this.text.length);
  }

  /** This will turn a new conversation into a temporary one, or begin one. */
  beTemporary() {
    if (!this.switch || this.switch.hidden) location.assign('/?temporary=1');
    else this.switch.click();
  }

  /** This will send what is written; `steer` stops the answer being written first. While files are on their way it waits for them. */
  send({ steer = false } = {}) {
    if (this.attachments.isBusy) {
      this.#waitForFiles(!this.isWaiting, steer);
      return;
    }
    if (this.isEmpty) return;
    this.steers = steer && this.isAnswering;
    const keeping = this.settings.keepNow();
    const go = () => this.dispatchEvent(new Event('send'));
    // What was reset a moment ago must not answer once more; a slow line is not waited for.
    if (keeping) Promise.race([keeping, new Promise((resolve) => setTimeout(resolve, SETTINGS_PATIENCE_MS))]).then(go);
    else go();
  }

  /** This will return what is to be sent and empty the field; null if there is nothing. */
  take() {
    if (this.isEmpty || this.attachments.isBusy) return null;
    const taken = {
      text: this.text.trim(),
      files: this.attachments.take(),
      model: this.#model(),
      isTemporary: this.isTemporary,
      options: this.parameters.options,
      compare: this.menu.compared,
      steer: this.steers,
      project: this.marks.project,
    };
    this.steers = false;
    this.text = '';
    this.drafts.forget();
    return taken;
  }

  /** The server's default goes unsaid, unless settings or the default preset would say something in its place. */
  #model() {
    const { model, preset } = this.settings.kept;
    return this.menu.model ?? (model || preset ? this.menu.name : null);
  }

  #settings() {
    return { model: this.menu.model, options: this.parameters.options, preset: this.parameters.preset };
  }

  // ---- building

  #build() {
    const page = find('[data-chat]').dataset;
    const { form } = this;
    this.sendButton = new SendButton(form);
    this.attachments = new Attachments(form);
    this.menu = new ModelMenu(find('.model', form), find('#model-panel'));
    this.parameters = new Parameters(find('[data-parameters]', form), find('#parameters-panel'), this.menu);
    this.marks = new Marks(find('.marks', form), this.menu);
    this.settings = new ConversationSettings({ conversation: page.conversation || null, isTemporary: 'temporary' in form.dataset });
    this.meter = new ContextMeter(find('[data-context]', form), find('#context-panel'), () => ({ conversation: this.settings.conversation, model: this.menu.name, project: this.marks.project, isWriting: this.isAnswering }));
    this.promptForm = new PromptForm(find('#prompt-form'));
    this.library = new PromptLibrary();
    this.slash = new SlashMenu(this.field, find('#slash'), { commands: commandsOf(this), library: this.library, use: (prompt) => this.#usePrompt(prompt) });
    const place = page.conversation || ['new', this.marks.project].filter(Boolean).join(':');
    this.drafts = new DraftKeeper(new DraftStore(page.person), place, { read: () => this.#draft(), show: (draft) => this.#show(draft), tooLong: (is) => this.#tooLong(is), isPassing: () => this.isTemporary || this.settings.isTemporary });
    registerComposerActions(this);
  }

  #wire() {
    const { attachments, field, form } = this;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#press();
    });
    field.addEventListener('keydown', (event) => this.#key(event));
    field.addEventListener('input', () => this.#edited());
    find('[data-steer]', form).addEventListener('click', () => this.send({ steer: true }));
    find('[data-stop]', form).addEventListener('click', () => this.dispatchEvent(new Event('stop')));
    find('[data-slash]', form).addEventListener('click', () => this.slash.open());
    acceptDrops(find('#main'), attachments);
    acceptPastes(field, attachments);
    attachments.addEventListener('change', () => this.#filesChanged());
    attachments.addEventListener('as-text', ({ detail }) => {
      field.focus();
      insert(field, detail);
    });
    for (const part of [this.menu, this.parameters]) part.addEventListener('change', () => this.#told());
    this.marks.addEventListener('left-project', () => this.#leaveProject());
    this.parameters.panel.addEventListener('close', () => this.settings.keepNow());
    this.switch?.addEventListener('click', () => {
      this.switch.setAttribute('aria-pressed', String(!this.isTemporary));
      this.drafts.keep();
    });
  }

  // ---- drafts and settings

  #restore() {
    const { kept } = this.settings;
    if (kept.model) this.menu.select(kept.model);
    this.parameters.set({ options: kept.options, preset: kept.preset });
    this.drafts.restore();
    const isNew = !this.settings.conversation;
    if (isNew && new URLSearchParams(location.search).has('temporary')) this.switch?.setAttribute('aria-pressed', 'true');
    this.marks.draw();
    this.meter.refreshSoon();
  }

  /** What is written so far goes along. */
  #leaveProject() {
    this.drafts.isTouched = true;
    this.drafts.moveTo('new');
    this.focus();
  }

  #draft() {
    const files = this.attachments.ready().map(({ id, name, mediaType, sizeBytes }) => ({ id, name, mediaType, sizeBytes }));
    const isNew = !this.settings.conversation;
    const chosen = isNew ? { model: this.menu.name, options: this.parameters.options, preset: this.parameters.preset, isTemporary: this.isTemporary } : {};
    const hasChoices = isNew && (this.isTemporary || !sameOptions(this.parameters.options, this.settings.kept.options));
    if (!this.text && !files.length && !hasChoices && !this.menu.compared) return null;
    return { text: this.text, files, compare: this.menu.compared, ...chosen };
  }

  #show({ text, files, model, options, preset, compare, isTemporary }) {
    if (model) this.menu.select(model);
    if (options) this.parameters.set({ options, preset });
    this.menu.compared = this.menu.has(compare) ? compare : null;
    this.marks.draw();
    if (isTemporary) this.switch?.setAttribute('aria-pressed', 'true');
    this.attachments.clear();
    this.attachments.restore(files);
    this.field.value = text;
    this.#resize();
    this.#refresh();
    this.drafts.isTouched = false;
  }

  /** The model, its options or the comparison changed. */
  #told() {
    this.settings.keep(this.#settings());
    this.drafts.keep();
    this.marks.draw();
    this.meter.refreshSoon();
    this.#refresh();
  }

  #tooLong(isTooLong) {
    this.isTooLong = isTooLong;
    this.#hint();
  }

  // ---- writing

  #edited() {
    if (this.isWaiting) this.#waitForFiles(false);
    this.#resize();
    this.#refresh();
    this.drafts.keep();
  }

  async #usePrompt(prompt) {
    const text = await this.promptForm.fill(prompt);
    this.field.focus();
    if (text) insert(this.field, text);
  }

  #key(event) {
    // While an input method is composing, Enter chooses a word.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.slash.key(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const isMod = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && !event.shiftKey && (isMod || !typesByTouch.matches)) {
      event.preventDefault();
      this.send({ steer: isMod });
    } else if (event.key === 'ArrowUp' && !this.text && !event.shiftKey) {
      event.preventDefault();
      this.dispatchEvent(new Event('edit-last'));
    }
  }

  #press() {
    if (this.sendButton.mode === 'stop') this.dispatchEvent(new Event('stop'));
    else this.send();
  }

  // ---- files

  #filesChanged() {
    if (this.isWaiting && !this.attachments.isBusy) {
      const { steers } = this;
      const isWhole = !this.attachments.hasFailed;
      this.#waitForFiles(false);
      if (isWhole) this.send({ steer: steers });
      else announce(t('Not sent: a file could not be attached. Try again or remove it.'));
    }
    this.#refresh();
    this.drafts?.keep();
    this.meter?.refreshSoon();
  }

  #waitForFiles(isWaiting, steers = false) {
    Object.assign(this, { isWaiting, steers });
    if (isWaiting) announce(t('Sends when the files are there'));
    this.#refresh();
  }

  #refresh() {
    this.sendButton.show({ isAnswering: this.isAnswering, isEmpty: this.isEmpty, isWaiting: this.isWaiting, isBusy: this.attachments.isBusy });
    this.#hint();
  }

  /** Said a moment later: whoever listens may only just be made. */
  #hint() {
    const hint = this.#hintNow();
    if (hint === this.said) return;
    this.said = hint;
    queueMicrotask(() => this.dispatchEvent(new CustomEvent('hint', { detail: hint })));
  }

  #hintNow() {
    if (this.isWaiting) return t('Sends when the files are there.');
    if (this.attachments.hasImages && !this.menu.can('vision')) return t('{model} cannot see images. Choose a model that can.', { model: this.menu.label() });
    return this.isTooLong ? t('This draft is too long to be kept. Send it before you leave the page.') : '';
  }

  #resize() {
    if (growsByItself || this.sizing) return;
    // Measured once a frame, however fast the keys come.
    this.sizing = requestAnimationFrame(() => {
      this.sizing = 0;
      this.field.style.height = 'auto';
      this.field.style.height = `${this.field.scrollHeight}px`;
    });
  }
}
