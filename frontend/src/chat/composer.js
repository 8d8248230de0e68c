// The composer: one field, what goes with it, and one button that sends or stops.
import { find, icon } from '../dom.js';
import { Attachments } from './attachments.js';
import { ModelMenu } from './model-menu.js';

// On a phone's keyboard Enter is the only way to break a line.
const typesByTouch = matchMedia('(hover: none) and (pointer: coarse)');

export class Composer extends EventTarget {
  // Events: "send", "stop", "edit-last".
  constructor(form) {
    super();
    this.form = form;
    this.field = find('textarea', form);
    this.button = find('.send', form);
    this.switch = find('[data-temporary-switch]', form);
    this.attachments = new Attachments(form);
    this.menu = new ModelMenu(find('.model', form));
    this.isAnswering = false;
    this.#wire();
    this.#refresh();
  }

  get text() {
    return this.field.value;
  }

  set text(value) {
    this.field.value = value;
    this.#resize();
    this.#refresh();
  }

  get isTemporary() {
    return this.switch?.getAttribute('aria-pressed') === 'true';
  }

  get isEmpty() {
    return !this.text.trim() && !this.attachments.ready().length;
  }

  setAnswering(isAnswering) {
    this.isAnswering = isAnswering;
    this.#refresh();
  }

  /** This will take the switches of a new conversation away: it has begun. */
  begin() {
    if (this.switch) this.switch.hidden = true;
    this.field.placeholder = 'Reply';
  }

  focus() {
    this.field.focus();
    this.field.setSelectionRange(this.text.length, this.text.length);
  }

  /** This will return what is to be sent and empty the field; null if there is nothing. */
  take() {
    if (this.isEmpty || this.attachments.isBusy) return null;
    const taken = { text: this.text.trim(), files: this.attachments.take(), model: this.menu.model, isTemporary: this.isTemporary };
    this.text = '';
    return taken;
  }

  #wire() {
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#press();
    });
    this.field.addEventListener('keydown', (event) => this.#key(event));
    this.field.addEventListener('input', () => {
      this.#resize();
      this.#refresh();
    });
    this.attachments.addEventListener('change', () => this.#refresh());
    this.menu.addEventListener('change', () => this.#refresh());
    this.switch?.addEventListener('click', () => {
      this.switch.setAttribute('aria-pressed', String(!this.isTemporary));
      this.dispatchEvent(new Event('temporary'));
    });
  }

  #key(event) {
    // While an input method is composing, Enter chooses a word.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey && !typesByTouch.matches) {
      event.preventDefault();
      if (!this.isEmpty) this.dispatchEvent(new Event('send'));
    } else if (event.key === 'ArrowUp' && !this.text && !event.shiftKey) {
      event.preventDefault();
      this.dispatchEvent(new Event('edit-last'));
    }
  }

  #press() {
    this.dispatchEvent(new Event(this.button.dataset.mode === 'stop' ? 'stop' : 'send'));
  }

  #refresh() {
    const mode = this.isAnswering && this.isEmpty ? 'stop' : 'send';
    if (this.button.dataset.mode !== mode) {
      this.button.dataset.mode = mode;
      this.button.setAttribute('aria-label', mode === 'stop' ? 'Stop answering' : 'Send');
      this.button.replaceChildren(icon(mode === 'stop' ? 'square' : 'arrow-up'));
    }
    this.button.disabled = mode === 'send' && (this.isEmpty || this.attachments.isBusy);
    const blind = this.attachments.files.length > 0 && !this.menu.can('vision');
    this.dispatchEvent(new CustomEvent('blind', { detail: blind ? (this.menu.chosen?.dataset.model ?? '') : null }));
  }

  #resize() {
    if (CSS.supports('field-sizing', 'content')) return;
    this.field.style.height = 'auto';
    this.field.style.height = `${this.field.scrollHeight}px`;
  }
}
