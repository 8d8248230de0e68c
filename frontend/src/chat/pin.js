// Stays at the newest words while the reader is there, and leaves the reader alone anywhere else.

const NEAR_PX = 48;

export class Pin {
  constructor(scroller, button) {
    Object.assign(this, { scroller, button });
    this.isPinned = true;
    this.lastTop = scroller.scrollTop;
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    button.addEventListener('click', () => this.toEnd());
    const observer = new ResizeObserver(() => this.follow());
    observer.observe(scroller);
    for (const child of scroller.children) observer.observe(child);
  }

  /** This will go to the end and stay there. */
  toEnd() {
    this.isPinned = true;
    this.follow();
  }

  follow() {
    if (this.isPinned) {
      this.scroller.scrollTop = this.scroller.scrollHeight;
      this.lastTop = this.scroller.scrollTop;
    }
    this.#showButton();
  }

  #scrolled() {
    const { scrollTop } = this.scroller;
    if (this.#distance() < NEAR_PX) this.isPinned = true;
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
    this.button.hidden = this.isPinned || this.#distance() < 2 * NEAR_PX;
  }
}
