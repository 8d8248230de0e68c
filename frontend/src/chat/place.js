// Where the reader is: kept while the list changes around it, and over a reload.
const SETTLE_FRAMES = 8;
// Room above a turn that was jumped to.
const HEADROOM_PX = 24;
const REMEMBER_MS = 250;

/** This will change the list with `work` and leave what is in sight where it is. */
export function keepPlace(scroller, entries, work) {
  const edge = scroller.getBoundingClientRect().top;
  const anchor = entries.find((entry) => entry.getBoundingClientRect().bottom > edge) ?? entries[0];
  const before = anchor?.getBoundingClientRect().top;
  // Browsers that anchor by themselves would do it a second time.
  scroller.style.setProperty('overflow-anchor', 'none');
  work();
  if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - before;
  requestAnimationFrame(() => scroller.style.removeProperty('overflow-anchor'));
}

/** This will scroll to a turn and stay there while what is around it takes its real height. */
export async function settleAt(scroller, turn, offset = HEADROOM_PX) {
  for (let frame = 0; frame < SETTLE_FRAMES && turn.isConnected; frame += 1) {
    scroller.scrollTop += turn.getBoundingClientRect().top - scroller.getBoundingClientRect().top - offset;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/** Keeps the reader's place in the history entry of the page, so that a reload or coming back finds it. */
export class PlaceKeeper {
  constructor({ scroller, window, pin }) {
    Object.assign(this, { scroller, window, pin });
    this.timer = 0;
    this.remembered = comesBack() ? (history.state?.place ?? null) : null;
    scroller.addEventListener('scroll', () => this.#soon(), { passive: true });
    addEventListener('pagehide', () => this.#remember());
  }

  /** This will go back to where the reader was before a reload; false if that was the end. */
  async restore() {
    if (!this.remembered) return false;
    const { message, offset } = this.remembered;
    try {
      const turn = await this.window.around(message);
      if (!turn) return false;
      this.pin.letGo();
      await settleAt(this.scroller, turn.closest('.comparison') ?? turn, offset);
      return true;
    } catch {
      // It is gone, or there is no connection: the end is a sensible place.
      return false;
    }
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#remember(), REMEMBER_MS);
  }

  #remember() {
    clearTimeout(this.timer);
    const place = this.pin.isPinned ? null : this.window.placeInSight();
    if (JSON.stringify(history.state?.place ?? null) !== JSON.stringify(place)) history.replaceState({ ...history.state, place }, '');
  }
}

function comesBack() {
  const kind = performance.getEntriesByType('navigation')[0]?.type;
  return kind === 'reload' || kind === 'back_forward';
}
