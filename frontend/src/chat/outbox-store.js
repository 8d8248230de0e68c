// Where unsent messages are kept: a list a tab in localStorage, taken over by another tab once its own is gone.
import { newId } from './ids.js';

// Background tabs run timers once a minute, so a tab silent for longer is gone.
const GONE_AFTER_MS = 90_000;
// A tab that reloads says good-bye and is back within seconds.
const LEFT_AFTER_MS = 4_000;

export class OutboxStore {
  constructor(person, { local = safeStorage('localStorage'), session = safeStorage('sessionStorage'), now = () => Date.now() } = {}) {
    Object.assign(this, { local, session, now });
    // What did not fit into storage lasts as long as the page.
    this.unsaved = new Map();
    this.prefix = `olympus.outbox.${person}.`;
    this.tab = session.getItem('olympus.tab') ?? newId();
    session.setItem('olympus.tab', this.tab);
    this.#write(this.key, { ...this.#read(this.key), leftAt: 0, seenAt: now() });
  }

  get key() {
    return this.prefix + this.tab;
  }

  items() {
    return this.#read(this.key).items;
  }

  put(item) {
    const items = this.items().filter((other) => other.id !== item.id);
    this.#save([...items, item].sort((a, b) => a.at - b.at));
  }

  remove(id) {
    this.#save(this.items().filter((item) => item.id !== id));
  }

  /** This will tell the other tabs that this one is there. */
  touch() {
    if (this.items().length) this.#save(this.items());
  }

  /** This will mark the list as left behind; coming back (a reload) takes the mark off. */
  leave() {
    const items = this.items();
    if (items.length) this.#write(this.key, { items, leftAt: this.now(), seenAt: this.now() });
    else this.#clear();
  }

  /** This will take over the lists of tabs that are gone. Two tabs may do so at once: the server answers a repeated id once. */
  adopt() {
    const adopted = [];
    for (const key of this.#keys()) {
      if (key === this.key) continue;
      const list = this.#read(key);
      const isGone = list.leftAt ? this.now() - list.leftAt > LEFT_AFTER_MS : this.now() - list.seenAt > GONE_AFTER_MS;
      if (!isGone) continue;
      this.local.removeItem(key);
      adopted.push(...list.items);
    }
    for (const item of adopted) this.put(item);
    return adopted;
  }

  #keys() {
    return Array.from({ length: this.local.length }, (_, at) => this.local.key(at)).filter((key) => key?.startsWith(this.prefix));
  }

  #save(items) {
    if (items.length) this.#write(this.key, { items, leftAt: 0, seenAt: this.now() });
    else this.#clear();
  }

  #clear() {
    this.unsaved.delete(this.key);
    this.local.removeItem(this.key);
  }

  #read(key) {
    if (this.unsaved.has(key)) return this.unsaved.get(key);
    try {
      return { items: [], leftAt: 0, seenAt: 0, ...JSON.parse(this.local.getItem(key) ?? '{}') };
    } catch {
      return { items: [], leftAt: 0, seenAt: 0 };
    }
  }

  #write(key, list) {
    if (!list.items?.length) return;
    try {
      this.local.setItem(key, JSON.stringify(list));
      this.unsaved.delete(key);
    } catch {
      this.unsaved.set(key, list);
    }
  }
}

/** This will give the storage, or one that lasts as long as the page where the browser refuses it. */
export function safeStorage(name) {
  try {
    const storage = globalThis[name];
    storage.setItem('olympus.probe', '1');
    storage.removeItem('olympus.probe');
    return storage;
  } catch {
    return memoryStorage();
  }
}

export function memoryStorage() {
  const values = new Map();
  return {
    get length() {
      return values.size;
    },
    key: (at) => [...values.keys()][at] ?? null,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, String(value)),
    removeItem: (key) => void values.delete(key),
  };
}
