// How points glide from one frame to the next. It knows no canvas.

/** from + t (to - from), into `out`. */
export function mix(from, to, t, out) {
  for (let i = 0; i < to.length; i++) out[i] = from[i] + t * (to[i] - from[i]);
  return out;
}

/** How far along (0..1) a glide is: straight within a stream of frames, easing out after a lone one. */
export function progress(elapsed, duration) {
  if (duration <= 0 || elapsed >= duration) return 1;
  const t = Math.max(elapsed, 0) / duration;
  return duration < 900 ? t : 1 - (1 - t) ** 3;
}

/** How long (ms) to glide: as long as frames are apart, so that a stream flows. */
export function duration(gap, still = false) {
  if (still) return 0;
  return gap > 1500 ? 900 : Math.min(Math.max(gap * 1.05, 120), 890);
}

/** A glide to `xy`, from where the one before it is now. */
export class Motion {
  constructor(xy, before, now, still) {
    this.from = before ? before.now.slice() : xy;
    this.to = xy;
    this.now = this.from.slice();
    this.at = now;
    this.length = duration(now - (before?.at ?? 0), still);
  }

  /** Move the points to where they are at this time; the share of the way, 1 at the end. */
  advance(now) {
    const t = progress(now - this.at, this.length);
    mix(this.from, this.to, t, this.now);
    return t;
  }
}
