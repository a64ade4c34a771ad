// Which part of the plane is seen: it frames the points by itself until a hand zooms or pans.

/** The view that holds a box: its center (x, y) and k, the units to a pixel, equal on both axes. */
export function fit(box, width, height, margin = 20) {
  const k = Math.max((box[2] - box[0]) / Math.max(width - 2 * margin, 1), (box[3] - box[1]) / Math.max(height - 2 * margin, 1));
  return { x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, k: k || 1 / Math.max(width, height) };
}

const SNUG = 0.85; // of the scale at which the box would fill the picture; smaller, it is framed again

/** The view to glide to: the old one as long as the box lies inside and is not lost in it; else one with room around the box. */
export function nextGoal(goal, box, width, height) {
  const best = fit(box, width, height);
  const roomy = { ...best, k: best.k * 1.05 };
  if (!goal) return roomy;
  const halfX = (goal.k * (width - 12)) / 2, halfY = (goal.k * (height - 12)) / 2;
  const inside = box[0] >= goal.x - halfX && box[2] <= goal.x + halfX && box[1] >= goal.y - halfY && box[3] <= goal.y + halfY;
  return inside && best.k > SNUG * goal.k ? goal : roomy;
}

/** One step of `seconds` from a view to its goal; lands on it exactly when less than a quarter pixel is left. */
export function glide(view, goal, seconds, slowness = 0.3) {
  const part = 1 - Math.exp(-seconds / slowness);
  const next = {
    x: view.x + part * (goal.x - view.x), y: view.y + part * (goal.y - view.y), k: view.k * (goal.k / view.k) ** part,
  };
  const left = Math.max(Math.abs(goal.x - next.x), Math.abs(goal.y - next.y)) / goal.k + 400 * Math.abs(Math.log(goal.k / next.k));
  return left < 0.25 ? goal : next;
}

/** Data to pixels. */
export function place(view, width, height, x, y) {
  return [width / 2 + (x - view.x) / view.k, height / 2 - (y - view.y) / view.k];
}

const NEAREST = 1 / 80, FARTHEST = 4; // of the scale that holds everything

/** A view that zooms, pans and comes back; `box` is what it frames when left alone. */
export class Viewport {
  constructor() {
    this.view = this.goal = this.box = null;
    this.width = this.height = 0;
    this.byHand = false;
  }

  clear() { this.view = this.goal = this.box = null; this.byHand = false; }

  /** Another size of the picture; what a hand has chosen stays in the middle. */
  resize(width, height) {
    this.width = width; this.height = height;
    if (!this.byHand) this.goal = null;
    this.aim(this.box, true);
  }

  /** Frame this box, unless a hand holds the view. */
  aim(box, still) {
    this.box = box;
    if (!this.width || !box) return;
    if (!this.byHand || !this.goal) this.goal = nextGoal(this.goal, box, this.width, this.height);
    if (!this.view || still) this.view = this.goal;
  }

  /** Glide on for some seconds; whether it still moves. */
  move(seconds, still) {
    if (!this.view || !this.goal) return false; // a picture without a size has no goal
    this.view = still ? this.goal : glide(this.view, this.goal, seconds, this.byHand ? 0.08 : 0.3);
    return this.view !== this.goal;
  }

  /** Magnify by `factor` about a pixel, which keeps its place; at once, or gliding there. */
  zoom(factor, px = this.width / 2, py = this.height / 2, at = "once") {
    if (!this.view) return;
    const from = at === "once" ? this.view : this.goal, whole = fit(this.box, this.width, this.height).k;
    const k = Math.min(Math.max(from.k / factor, whole * NEAREST), whole * FARTHEST), gain = from.k - k;
    this.hold({ x: from.x + (px - this.width / 2) * gain, y: from.y - (py - this.height / 2) * gain, k }, at);
  }

  /** Shift the picture by pixels. */
  pan(dx, dy, at = "once") {
    if (!this.view) return;
    const { x, y, k } = at === "once" ? this.view : this.goal;
    this.hold({ x: x - dx * k, y: y + dy * k, k }, at);
  }

  /** Bring (x, y) into sight, where it is not. */
  show(x, y) {
    const [px, py] = this.place(x, y);
    if (px > 8 && px < this.width - 8 && py > 8 && py < this.height - 8) return;
    this.hold({ ...this.goal, x, y }, "gliding");
  }

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
  get zoomed() { return this.byHand && this.view ? fit(this.box, this.width, this.height).k / this.view.k : 1; }

  place(x, y) { return place(this.view, this.width, this.height, x, y); }

  /** Pixels to data. */
  data(px, py) { return [this.view.x + (px - this.width / 2) * this.view.k, this.view.y - (py - this.height / 2) * this.view.k]; }
}
