// A panel that belongs to a button: above it on wide screens, a sheet from the bottom that keeps the focus on a phone.

const narrow = matchMedia('(max-width: 52rem)');
// Air between the panel and what is around it.
const GAP = 8;

export class Panel extends EventTarget {
  // Events: "open", "close".
  constructor(dialog, opener) {
    super();
    Object.assign(this, { dialog, opener });
    opener.setAttribute('aria-expanded', 'false');
    opener.addEventListener('click', () => this.toggle());
    dialog.addEventListener('close', () => this.#closed());
    // Of the whole page: a button that hides itself takes the focus out of the panel.
    document.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('pointerdown', (event) => this.#pointed(event));
    dialog.addEventListener('focusout', ({ relatedTarget }) => relatedTarget && this.#left(relatedTarget));
    narrow.addEventListener('change', () => this.close());
  }

  get isOpen() {
    return this.dialog.open;
  }

  get isSheet() {
    return this.isOpen && this.dialog.matches(':modal');
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open() {
    if (this.isOpen) return;
    this.opener.setAttribute('aria-expanded', 'true');
    if (narrow.matches) this.dialog.showModal();
    else {
      this.#place();
      this.dialog.show();
    }
    this.dispatchEvent(new Event('open'));
    // On a phone a search field would bring up the keyboard, over half of what there is to choose from.
    const first = this.dialog.querySelector(this.isSheet ? '[data-first-sheet]' : '[data-first]') ?? this.dialog;
    first.focus();
  }

  close({ focus = this.dialog.contains(document.activeElement) } = {}) {
    if (!this.isOpen) return;
    this.dialog.close();
    if (focus) this.opener.focus();
  }

  #closed() {
    this.opener.setAttribute('aria-expanded', 'false');
    this.dispatchEvent(new Event('close'));
  }

  #key(event) {
    if (event.key !== 'Escape' || !this.isOpen || event.defaultPrevented) return;
    // Escape also stops answers; here it only closes.
    event.preventDefault();
    event.stopPropagation();
    this.close({ focus: true });
  }

  #pointed({ target }) {
    if (this.isOpen && !this.isSheet && !this.dialog.contains(target) && !this.opener.contains(target)) this.close({ focus: false });
  }

  #left(target) {
    const isElsewhere = !this.dialog.contains(target) && !this.opener.contains(target) && !target.closest('dialog');
    if (!this.isSheet && isElsewhere) this.close({ focus: false });
  }

  /** The panel stands above its button, as near to it as the page's edges let it. */
  #place() {
    const box = this.opener.getBoundingClientRect();
    const frame = this.dialog.offsetParent?.getBoundingClientRect() ?? this.dialog.parentElement.getBoundingClientRect();
    const { style, dataset } = this.dialog;
    style.setProperty('--panel-bottom', `${Math.round(frame.bottom - box.top + GAP)}px`);
    style.setProperty('--panel-room', `${Math.round(box.top - 2 * GAP)}px`);
    if (dataset.side === 'start') style.setProperty('--panel-side', `${Math.round(box.left - frame.left)}px`);
    else style.setProperty('--panel-side', `${Math.round(frame.right - box.right)}px`);
  }
}
