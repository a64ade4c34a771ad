// When to draw: often enough to flow, no oftener than the machine can spare, and not at all while nothing moves or nobody looks.

const PERIOD = 31, LONGEST = 33; // ms between two pictures: about 32 a second, or 30 where they are dear and cores few
const CHEAP = 4; // ms: with cores to spare, pictures that cost less come as often as the screen takes them
const SPARE = (globalThis.navigator?.hardwareConcurrency ?? 4) > 2;

/**
 * Milliseconds from one picture to the next when drawing one takes `cost`: on few cores a quarter of the time at most, as far as the eye allows.
 * @type {(cost: number, spare?: boolean) => number}
 */
export function periodOf(cost, spare = SPARE) {
  if (spare) return cost < CHEAP ? 0 : PERIOD;
  return Math.min(Math.max(4 * cost, PERIOD), LONGEST);
}

/** Calls draw(now, seconds since the last) after wake(), and again as long as draw says that something moves. */
export class Pace {
  /** @param {(now: number, seconds: number) => boolean} draw */
  constructor(draw) {
    this.draw = draw;
    this.request = this.timer = this.drawnAt = this.due = this.cost = 0;
    this.inSight = true;
  }

  get idle() { return document.hidden || !this.inSight; }

  wake() {
    if (this.request || this.timer || this.idle) return;
    const rest = this.due - performance.now() - 8; // the page's own beat comes up to 16 ms later
    const ask = () => { this.timer = 0; this.request = requestAnimationFrame((now) => this.tick(now)); };
    if (rest > 0) this.timer = setTimeout(ask, rest); else ask();
  }

  /** @type {(now: number) => void} */
  tick(now) {
    this.request = 0;
    const seconds = Math.min((now - this.drawnAt) / 1000, 0.1), period = periodOf(this.cost), begun = performance.now();
    this.drawnAt = now;
    this.due = Math.max(this.due, now - period) + period; // so that a late picture does not slow those after it
    const moving = this.draw(now, seconds);
    this.cost += 0.2 * (performance.now() - begun - this.cost);
    if (moving) this.wake();
  }

  stop() {
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
  }
}
