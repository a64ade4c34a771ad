// When to draw: soon, but no oftener than the machine can spare, and not at all while nothing moves or nobody looks.

// Milliseconds of rest between two pictures: about 30 a second, or 20 where training shares two cores with the page.
const REST = (globalThis.navigator?.hardwareConcurrency ?? 4) > 2 ? 25 : 42;

/** Calls draw(now, seconds since the last) after wake(), and again as long as draw says that something moves. */
export class Pace {
  constructor(draw) {
    this.draw = draw;
    this.request = this.timer = this.drawnAt = 0;
    this.inSight = true;
  }

  get idle() { return document.hidden || !this.inSight; }

  wake() {
    if (this.request || this.timer || this.idle) return;
    const rest = REST - (performance.now() - this.drawnAt);
    const ask = () => { this.timer = 0; this.request = requestAnimationFrame((now) => this.tick(now)); };
    if (rest > 0) this.timer = setTimeout(ask, rest); else ask();
  }

  tick(now) {
    this.request = 0;
    const seconds = Math.min((now - this.drawnAt) / 1000, 0.1);
    this.drawnAt = now;
    if (this.draw(now, seconds)) this.wake();
  }

  stop() {
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
  }
}
