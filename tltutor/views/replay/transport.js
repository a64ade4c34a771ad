// Which frame is shown and when the next one is: play, pause, go. It draws nothing.

/** `show(i)` is called with each new frame, `told()` when playing begins or ends. */
export class Transport {
  /** @type {any} */
  timer = null;
  rate = 1;

  /**
   * @param {{ count: number, pace: number, show: (i: number) => void, told?: () => void, later?: (act: () => void, wait: number) => any,
   *   never?: (timer: any) => void }} options
   */
  constructor({ count, pace, show, told = () => {}, later = (act, wait) => setTimeout(act, wait), never = (timer) => clearTimeout(timer) }) {
    this.count = count; this.pace = pace; this.show = show; this.told = told; this.later = later; this.never = never;
    this.at = count - 1;
  }

  get playing() { return this.timer !== null; }

  /** To frame i, or the nearest there is; playing goes on from there. @param {number} i */
  go(i) {
    this.at = Math.min(Math.max(Math.round(i), 0), this.count - 1);
    this.show(this.at);
  }

  /** From here on; from the start, if here is the end. */
  play() {
    if (this.playing || this.count < 2) return;
    if (this.at === this.count - 1) this.go(0);
    this.next();
    this.told();
  }

  next() {
    this.timer = this.later(() => {
      this.go(this.at + 1);
      if (this.at < this.count - 1) this.next(); else this.pause();
    }, 1000 / (this.pace * this.rate));
  }

  pause() {
    if (!this.playing) return;
    this.never(this.timer);
    this.timer = null;
    this.told();
  }

  toggle() { if (this.playing) this.pause(); else this.play(); }

  /** A step by hand: whoever steps, wants to look. @param {number} by */
  step(by) { this.pause(); this.go(this.at + by); }
}
