// Files in the composer: chosen, pasted or dropped, checked, sent at once, listed with their progress.
import { announce, find } from '../dom.js';
import { nt, t } from '../i18n.js';
import { upload } from '../upload.js';
import { Clip } from './attachment-clip.js';
import { refusalOf } from './attachment-limits.js';

const UPLOAD_URL = '/api/v1/attachments';
// A phone's line carries two at once; more only slow each other down.
const SENT_AT_ONCE = 2;

export class Attachments extends EventTarget {
  // Events: "change" when a file was added, removed, or has arrived; "as-text" {text} when a long paste shall be text after all.
  constructor(composer) {
    super();
    this.list = find('.clips', composer);
    this.files = [];
    this.chooser = find('input[type="file"]', composer);
    find('[data-attach]', composer).addEventListener('click', () => this.choose());
    this.chooser.addEventListener('change', () => {
      this.add([...this.chooser.files]);
      this.chooser.value = '';
    });
  }

  get isBusy() {
    return this.files.some((file) => file.state === 'waiting' || file.state === 'sending');
  }

  get hasFailed() {
    return this.files.some((file) => file.state === 'failed');
  }

  get hasImages() {
    return this.files.some((file) => file.state !== 'failed' && file.mediaType.startsWith('image/') && file.mediaType !== 'image/svg+xml');
  }

  ready() {
    return this.files.filter((file) => file.state === 'ready');
  }

  /** This will let the person choose files. */
  choose() {
    this.chooser.click();
  }

  /** This will add files; `pasted` is the text a file was made from. */
  async add(files, { pasted = null } = {}) {
    for (const file of files) await this.#add(file, pasted);
    if (files.length > 1) announce(nt('{n} file added', '{n} files added', files.length));
  }

  async #add(file, pasted) {
    const isPicture = /^image\/(?!svg)/.test(file.type);
    const name = file.name || (isPicture ? t('Pasted image') : t('Pasted text'));
    const entry = { file, name, mediaType: file.type || 'text/plain', sizeBytes: file.size, url: isPicture ? URL.createObjectURL(file) : null, pasted, state: 'waiting' };
    const counted = this.files.filter((other) => other.state !== 'failed').length;
    this.#list(entry);
    const refusal = await refusalOf(file, counted);
    if (refusal) this.#fail(entry, refusal, { mayRetry: false });
    else this.#sendNext();
  }

  /** This will list files that were sent before: those of a draft. */
  restore(files) {
    for (const file of files) {
      const url = file.mediaType.startsWith('image/') ? `/attachments/${file.id}/` : null;
      const entry = { ...file, url, pasted: null, state: 'ready' };
      this.#list(entry);
      this.#checkIsKept(entry);
    }
  }

  /** This will empty the list and return what was in it, as the thread shows it. */
  take() {
    const taken = this.ready();
    this.clear();
    return taken.map(({ id, name, url, mediaType }) => ({ id, name, url, mediaType }));
  }

  clear() {
    for (const entry of this.files) if (entry.state !== 'ready') entry.upload?.abort();
    this.files = [];
    this.list.replaceChildren();
    this.#changed();
  }

  #list(entry) {
    entry.clip = new Clip(entry, {
      remove: () => this.#remove(entry),
      retry: () => this.#retry(entry),
      asText: () => this.#asText(entry),
    });
    this.files.push(entry);
    this.list.append(entry.clip.element);
    this.#changed();
  }

  #sendNext() {
    const sending = this.files.filter((entry) => entry.state === 'sending').length;
    const next = this.files.filter((entry) => entry.state === 'waiting').slice(0, Math.max(0, SENT_AT_ONCE - sending));
    for (const entry of next) this.#send(entry);
  }

  async #send(entry) {
    entry.state = 'sending';
    try {
      entry.upload = upload(UPLOAD_URL, entry.file, (part) => entry.clip.showProgress(part));
      this.#changed();
      const stored = await entry.upload;
      Object.assign(entry, { id: stored.id, name: stored.name ?? entry.name, mediaType: stored.media_type ?? entry.mediaType, state: 'ready' });
      entry.clip.showReady();
      announce(t('{name} is attached', { name: entry.name }));
    } catch (error) {
      if (this.files.includes(entry)) this.#fail(entry, error.message, { mayRetry: true });
    }
    this.#sendNext();
    this.#changed();
  }

  #fail(entry, reason, { mayRetry }) {
    entry.state = 'failed';
    entry.clip.showFailed(reason, { mayRetry });
    announce(t('{name} was not attached. {reason}', { name: entry.name, reason }));
    this.#changed();
  }

  #retry(entry) {
    entry.state = 'waiting';
    entry.clip.showWaiting();
    this.#sendNext();
    this.#changed();
  }

  #remove(entry) {
    entry.upload?.abort();
    const at = this.files.indexOf(entry);
    this.files = this.files.filter((file) => file !== entry);
    entry.clip.element.remove();
    if (entry.url?.startsWith('blob:')) URL.revokeObjectURL(entry.url);
    announce(t('{name} was removed', { name: entry.name }));
    // The keyboard stays among the files as long as there are any.
    (this.files[Math.min(at, this.files.length - 1)]?.clip.removeButton ?? find('#prompt')).focus();
    this.#sendNext();
    this.#changed();
  }

  #asText(entry) {
    this.#remove(entry);
    this.dispatchEvent(new CustomEvent('as-text', { detail: entry.pasted }));
  }

  /** Files no message was sent with go after a day; the draft may be older. */
  async #checkIsKept(entry) {
    const response = await fetch(`/attachments/${entry.id}/`, { method: 'HEAD' }).catch(() => null);
    if (response?.status === 404 && this.files.includes(entry)) this.#fail(entry, t('It was kept for a day only. Attach it again.'), { mayRetry: false });
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
