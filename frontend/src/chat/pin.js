// Stays at the newest words while the reader is there, and leaves the reader alone anywhere else.
import { find } from '../dom.js';

const NEAR_PX = 48;

export class Pin extends EventTarget {
  // Event "to-end" when the reader asked for the newest words.
  constructor(scroller, button) {
    super();
    Object.assign(this, { scroller, button });
    this.isPinned = true;
    // Where the newest turns are not on the page, its end is not theirs.
    this.mayPin = true;
    this.lastTop = scroller.scrollTop;
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    button.addEventListener('click', () => this.dispatchEvent(new Event('to-end')));
    const observer = new ResizeObserver(() => this.follow());
    observer.observe(scroller);
    for (const child of scroller.children) observer.observe(child);
  }

  /** This will go to the end and stay there. */
  toEnd() {
    this.isPinned = this.mayPin;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.follow();
  }

  /** This will leave the end alone: the reader goes somewhere else. */
  letGo() {
    this.isPinned = false;
    this.lastTop = 0;
    this.#showButton();
  }

  follow() {
    if (this.isPinned) {
      this.scroller.scrollTop = this.scroller.scrollHeight;
      this.lastTop = this.scroller.scrollTop;
    }
    this.#showButton();
  }

  /** This will say on the button that something new stands below, unless the reader sees it. */
  tellNew() {
    if (this.isPinned) return;
    this.#showButton();
    this.#tell(!this.button.hidden);
  }

  #scrolled() {
    const { scrollTop } = this.scroller;
    if (this.mayPin && this.#distance() < NEAR_PX) this.isPinned = true;
    // Only going up is the reader's; going down may be the page growing.
    else if (scrollTop < this.lastTop) this.isPinned = false;
    this.lastTop = scrollTop;
    this.#showButton();
  }

  #distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #showButton() {
    this.scroller.toggleAttribute('data-reading', !this.isPinned);
    const isHidden = this.isPinned || (this.mayPin && this.#distance() < 2 * NEAR_PX);
    // Called with every frame of an answer: what is set again is styled again.
    if (isHidden === this.button.hidden) return;
    this.button.hidden = isHidden;
    if (isHidden) this.#tell(false);
  }

  #tell(isNew) {
    find('span', this.button).hidden = !isNew;
    this.button.toggleAttribute('data-new', isNew);
  }
}
