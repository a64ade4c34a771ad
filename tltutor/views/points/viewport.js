// Which part of the plane is seen: it frames the points by itself until a hand zooms or pans.

/** @import { Box, Pair, View } from "../types.js" */
/** @typedef {"once" | "gliding"} Pace How a view gets to its goal. */

/**
 * The view that holds a box: its center (x, y) and k, the units to a pixel, equal on both axes.
 * @type {(box: Box, width: number, height: number, margin?: number) => View}
 */
export function fit(box, width, height, margin = 20) {
  const k = Math.max((box[2] - box[0]) / Math.max(width - 2 * margin, 1), (box[3] - box[1]) / Math.max(height - 2 * margin, 1));
  return { x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, k: k || 1 / Math.max(width, height) };
}

const SNUG = 0.85; // of the scale at which the box would fill the picture; smaller, it is framed again

/**
 * The view to glide to: the old one as long as the box lies inside and is not lost in it; else one with room around the box.
 * @type {(goal: View | null, box: Box, width: number, height: number) => View}
 */
export function nextGoal(goal, box, width, height) {
  const best = fit(box, width, height);
  const roomy = { ...best, k: best.k * 1.05 };
  if (!goal) return roomy;
  const halfX = (goal.k * (width - 12)) / 2, halfY = (goal.k * (height - 12)) / 2;
  const inside = box[0] >= goal.x - halfX && box[2] <= goal.x + halfX && box[1] >= goal.y - halfY && box[3] <= goal.y + halfY;
  return inside && best.k > SNUG * goal.k ? goal : roomy;
}

/**
 * One step of `seconds` from a view to its goal; lands on it exactly when less than a quarter pixel is left.
 * @type {(view: View, goal: View, seconds: number, slowness?: number) => View}
 */
export function glide(view, goal, seconds, slowness = 0.3) {
  const part = 1 - Math.exp(-seconds / slowness);
  const next = {
    x: view.x + part * (goal.x - view.x), y: view.y + part * (goal.y - view.y), k: view.k * (goal.k / view.k) ** part,
  };
  const left = Math.max(Math.abs(goal.x - next.x), Math.abs(goal.y - next.y)) / goal.k + 400 * Math.abs(Math.log(goal.k / next.k));
  return left < 0.25 ? goal : next;
}

/** Data to pixels. @type {(view: View, width: number, height: number, x: number, y: number) => Pair} */
export function place(view, width, height, x, y) {
  return [width / 2 + (x - view.x) / view.k, height / 2 - (y - view.y) / view.k];
}

const NEAREST = 1 / 80, FARTHEST = 4; // of the scale that holds everything

/** A view that zooms, pans and comes back; `box` is what it frames when left alone. */
export class Viewport {
  /** @type {View | null} */
  view = null;
  /** @type {View | null} */
  goal = null;
  /** @type {Box | null} */
  box = null;
  width = 0; height = 0;
  byHand = false;

  /** The view, of a map that has one. */
  get seen() { return /** @type {View} */ (this.view); }

  clear() { this.view = this.goal = this.box = null; this.byHand = false; }

  /** Another size of the picture; what a hand has chosen stays in the middle. @type {(width: number, height: number) => void} */
  resize(width, height) {
    this.width = width; this.height = height;
    if (!this.byHand) this.goal = null;
    this.aim(this.box, true);
  }

  /** Frame this box, unless a hand holds the view. @type {(box: Box | null, still: boolean) => void} */
  aim(box, still) {
    this.box = box;
    if (!this.width || !box) return;
    if (!this.byHand || !this.goal) this.goal = nextGoal(this.goal, box, this.width, this.height);
    if (!this.view || still) this.view = this.goal;
  }

  /** Glide on for some seconds; whether it still moves. @type {(seconds: number, still: boolean) => boolean} */
  move(seconds, still) {
    if (!this.view || !this.goal) return false; // a picture without a size has no goal
    this.view = still ? this.goal : glide(this.view, this.goal, seconds, this.byHand ? 0.08 : 0.3);
    return this.view !== this.goal;
  }

  /**
   * Magnify by `factor` about a pixel, which keeps its place; at once, or gliding there.
   * @type {(factor: number, px?: number, py?: number, at?: Pace) => void}
   */
  zoom(factor, px = this.width / 2, py = this.height / 2, at = "once") {
    const from = at === "once" ? this.view : this.goal;
    if (!this.view || !this.box || !from) return;
    const whole = fit(this.box, this.width, this.height).k;
    const k = Math.min(Math.max(from.k / factor, whole * NEAREST), whole * FARTHEST), gain = from.k - k;
    this.hold({ x: from.x + (px - this.width / 2) * gain, y: from.y - (py - this.height / 2) * gain, k }, at);
  }

  /** Shift the picture by pixels. @type {(dx: number, dy: number, at?: Pace) => void} */
  pan(dx, dy, at = "once") {
    const from = at === "once" ? this.view : this.goal;
    if (!this.view || !from) return;
    const { x, y, k } = from;
    this.hold({ x: x - dx * k, y: y + dy * k, k }, at);
  }

  /** Bring (x, y) into sight, where it is not. @type {(x: number, y: number) => void} */
  show(x, y) {
    const [px, py] = this.place(x, y);
    if (px > 8 && px < this.width - 8 && py > 8 && py < this.height - 8) return;
    if (this.goal) this.hold({ ...this.goal, x, y }, "gliding");
  }

  /** @type {(goal: View, at: Pace) => void} */
  hold(goal, at) {
    this.goal = goal;
    this.byHand = true;
    if (at === "once") this.view = goal;
  }

  /** The view that a hand has chosen, to be kept; null where it frames by itself. */
  get held() { return this.byHand && this.goal ? { ...this.goal } : null; }

  /** Everything again, and framed by itself from now on. */
  fit() {
    this.byHand = false;
    this.goal = null;
    this.aim(this.box, false);
  }

  /** How many times nearer than the whole; 1 where no hand holds the view. */
  get zoomed() { return this.byHand && this.view && this.box ? fit(this.box, this.width, this.height).k / this.view.k : 1; }

  /** @type {(x: number, y: number) => Pair} */
  place(x, y) { return place(this.seen, this.width, this.height, x, y); }

  /** Pixels to data. @type {(px: number, py: number) => Pair} */
  data(px, py) {
    const { x, y, k } = this.seen;
    return [x + (px - this.width / 2) * k, y - (py - this.height / 2) * k];
  }
}
