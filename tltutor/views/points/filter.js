// Which points are shown: the legend switches classes and domains off. It knows no page.

/** @import { Hidden, Kind, Keep, Points } from "../types.js" */

/** Classes and domains that are switched off, and what that leaves: mask[i] is 1 where point i is shown. */
export class Filter {
  /** @type {Record<Kind, Set<number>>} */
  off = { class: new Set(), domain: new Set() };
  mask = new Uint8Array(0);
  /** @type {Points | null | undefined} */
  points;

  /** @type {Keep} */
  shows = (i) => this.mask[i] === 1;

  /** New points: everything on, unless their classes and domains are the old ones. @type {(points: Points | null) => void} */
  reset(points) {
    /** @type {(kind: "names" | "domains") => boolean} */
    const alike = (kind) => String(this.points?.[kind]) === String(points?.[kind]);
    if (!alike("names") || !alike("domains")) { this.off.class.clear(); this.off.domain.clear(); }
    this.points = points;
    this.update();
  }

  /** What is off, to be kept: names of classes, numbers of domains. */
  get hidden() {
    return { classes: Array.from(this.off.class, (c) => this.points?.names[c] ?? ""), domains: Array.from(this.off.domain) };
  }

  /** Switch off what was kept, as far as these points have it. @type {(hidden: Hidden) => void} */
  hide({ classes = [], domains = [] }) {
    /** @type {<T>(names: T[], all: T[]) => number[]} */
    const numbers = (names, all) => names.map((name) => all.indexOf(name)).filter((c) => c >= 0);
    this.off.class = new Set(numbers(classes, this.points?.names ?? []));
    this.off.domain = new Set(numbers(domains, [0, 1]));
    this.update();
  }

  /**
   * Switch one key off or on; with `alone`, all others of its kind off, and back on the second time.
   * @type {(kind: Kind, key: number, alone?: boolean) => void}
   */
  press(kind, key, alone = false) {
    const set = this.off[kind], total = this.points?.[kind === "class" ? "classes" : "domains"].length ?? 0;
    if (!alone) { if (!set.delete(key)) set.add(key); }
    else {
      const was = set.size === total - 1 && !set.has(key);
      set.clear();
      if (!was) for (let other = 0; other < total; other++) if (other !== key) set.add(other);
    }
    this.update();
  }

  update() {
    const { points } = this, n = points?.n ?? 0;
    this.mask = new Uint8Array(n);
    if (!points) return;
    for (let i = 0; i < n; i++) this.mask[i] = Number(!this.off.class.has(points.labels[i]) && !this.off.domain.has(points.isTarget[i]));
  }
}
