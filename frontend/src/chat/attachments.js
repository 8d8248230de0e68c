// Files in the composer: chosen, pasted or dropped, sent at once, listed with their progress.
import { announce, find, icon, make } from '../dom.js';
import { upload } from './fetching.js';

const UPLOAD_URL = '/api/v1/attachments';

export class Attachments extends EventTarget {
  // Event "change" when a file was added, removed, or has arrived.
  constructor(composer) {
    super();
    this.composer = composer;
    this.list = find('.clips', composer);
    this.files = [];
    const chooser = find('input[type="file"]', composer);
    find('[data-attach]', composer).addEventListener('click', () => chooser.click());
    chooser.addEventListener('change', () => {
      this.add(chooser.files);
      chooser.value = '';
    });
    this.accepts = new Set(chooser.accept.split(',').map((type) => type.trim()));
    composer.addEventListener('paste', (event) => this.#pasted(event));
    this.#acceptDrops(find('#main'));
  }

  get isBusy() {
    return this.files.some((file) => file.state === 'sending');
  }

  ready() {
    return this.files.filter((file) => file.state === 'ready');
  }

  add(files) {
    for (const file of files) {
      if (this.accepts.has(file.type)) this.#send(file);
      else announce(`${file.name} was not added: only images can be attached.`);
    }
  }

  /** This will empty the list and return what was in it, as the thread shows it. */
  take() {
    const taken = this.ready();
    this.files = [];
    this.list.replaceChildren();
    return taken.map(({ id, name, url, mediaType }) => ({ id, name, url, mediaType }));
  }

  async #send(file) {
    const entry = { name: file.name || 'Pasted image', mediaType: file.type, url: URL.createObjectURL(file), state: 'sending' };
    this.files.push(entry);
    const clip = this.#draw(entry, file);
    const meter = find('progress', clip);
    try {
      entry.upload = upload(UPLOAD_URL, file, (part) => {
        meter.value = part;
      });
      this.#changed();
      const stored = await entry.upload;
      Object.assign(entry, { id: stored.id, name: stored.name ?? entry.name, state: 'ready' });
      find('small', clip).textContent = size(file.size);
      meter.remove();
    } catch (error) {
      entry.state = 'failed';
      clip.dataset.state = 'failed';
      find('small', clip).textContent = error.message;
      meter.remove();
      announce(`${entry.name}: ${error.message}`);
    }
    this.#changed();
  }

  #draw(entry, file) {
    const remove = make('button', { type: 'button', 'aria-label': `Remove ${entry.name}`, onclick: () => this.#remove(entry, clip) }, icon('x', 's'));
    const clip = make(
      'div.clip',
      {},
      make('span.tile', {}, make('img', { src: entry.url, alt: '' })),
      make('span.what', {}, make('b', {}, entry.name), make('small', {}, `Sending, ${size(file.size)}`)),
      remove,
      make('progress.meter', { max: '1', value: '0', 'aria-label': entry.name }),
    );
    this.list.append(clip);
    return clip;
  }

  #remove(entry, clip) {
    entry.upload?.abort();
    this.files = this.files.filter((file) => file !== entry);
    clip.remove();
    URL.revokeObjectURL(entry.url);
    this.#changed();
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => this.accepts.has(file.type));
    if (!files.length) return;
    event.preventDefault();
    this.add(files);
  }

  #acceptDrops(area) {
    const box = find('.composer', this.composer);
    const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
    area.addEventListener('dragover', (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      box.dataset.drop = '';
    });
    area.addEventListener('dragleave', (event) => {
      if (!area.contains(event.relatedTarget)) delete box.dataset.drop;
    });
    area.addEventListener('drop', (event) => {
      delete box.dataset.drop;
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.add(event.dataTransfer.files);
    });
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** This will write a size as people read it. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
