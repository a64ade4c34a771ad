// How points glide from one frame to the next. It knows no canvas.

const LONG = 900, SILENCE = 3000, MEMORY = 2500; // ms: a lone glide; what is no stream any more; how far back a stream is judged

/** from + t (to - from), into `out`. @type {(from: Float32Array, to: Float32Array, t: number, out: Float32Array) => Float32Array} */
export function mix(from, to, t, out) {
  for (let i = 0; i < to.length; i++) out[i] = from[i] + t * (to[i] - from[i]);
  return out;
}

/**
 * How far along (0..1) a glide is: straight within a stream of frames, easing out after a lone one.
 * @type {(elapsed: number, duration: number, eases?: boolean) => number}
 */
export function progress(elapsed, duration, eases = false) {
  if (duration <= 0 || elapsed >= duration) return 1;
  const t = Math.max(elapsed, 0) / duration;
  return eases ? 1 - (1 - t) ** 3 : t;
}

/** @typedef {{ length: number, eases: boolean }} Glide How long a glide lasts, in ms, and whether it eases out. */

/** Tells how long to glide, so that a stream of uneven frames never stands still in between. */
export class Rhythm {
  /** @type {[at: number, gap: number][]} */
  gaps = [];
  at = -Infinity;

  /**
   * A frame comes at `now`, in ms; `alone`: it was asked for, and no stream follows. The glide is {length, eases}.
   * @type {(now: number, alone?: boolean) => Glide}
   */
  next(now, alone = false) {
    const gap = now - this.at;
    this.at = now;
    if (alone || gap > SILENCE) { this.gaps = []; return { length: Math.min(Math.max(gap, 120), LONG), eases: true }; }
    this.gaps = [...this.gaps.filter(([at]) => now - at < MEMORY), [now, gap]];
    return { length: Math.max(1.1 * Math.max(...this.gaps.map(([, each]) => each)), 120), eases: false };
  }
}

/** The most that a coordinate changes between two frames. @type {(from: Float32Array, to: Float32Array) => number} */
export function farthest(from, to) {
  let most = 0;
  for (let i = 0; i < to.length; i++) most = Math.max(most, Math.abs(to[i] - from[i]));
  return most;
}

/** A glide to `xy`, from where the one before it is now; {length: 0} is there at once. */
export class Motion {
  /** @type {Float32Array} */
  now;

  /** @param {Float32Array} xy @param {Motion | null | undefined} before @param {number} now @param {Partial<Glide>} [glide] */
  constructor(xy, before, now, { length = 0, eases = false } = {}) {
    this.from = before ? before.now.slice() : xy;
    this.to = xy;
    this.now = this.from.slice();
    this.at = now;
    this.length = length; this.eases = eases;
  }

  /** The share of the way at this time, 1 at the end. @type {(now: number) => number} */
  share(now) { return progress(now - this.at, this.length, this.eases); }

  /** Move the points to where they are at this time; the share of the way. @type {(now: number) => number} */
  advance(now) {
    const t = this.share(now);
    mix(this.from, this.to, t, this.now);
    return t;
  }
}
