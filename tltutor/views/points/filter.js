// Which points are shown: the legend switches classes and domains off. It knows no page.

/** Classes and domains that are switched off, and what that leaves: mask[i] is 1 where point i is shown. */
export class Filter {
  constructor() {
    this.off = { class: new Set(), domain: new Set() };
    this.mask = new Uint8Array(0);
    this.shows = (i) => this.mask[i] === 1;
  }

  /** New points: everything on, unless their classes and domains are the old ones. */
  reset(points) {
    const alike = (kind) => String(this.points?.[kind]) === String(points?.[kind]);
    if (!alike("classes") || !alike("domains")) { this.off.class.clear(); this.off.domain.clear(); }
    this.points = points;
    this.update();
  }

  /** What is off, to be kept: names of classes, numbers of domains. */
  get hidden() {
    return { classes: Array.from(this.off.class, (c) => this.points.classes[c]), domains: Array.from(this.off.domain) };
  }

  /** Switch off what was kept, as far as these points have it. */
  hide({ classes = [], domains = [] }) {
    const numbers = (names, all) => names.map((name) => all.indexOf(name)).filter((c) => c >= 0);
    this.off.class = new Set(numbers(classes, this.points?.classes ?? []));
    this.off.domain = new Set(numbers(domains, [0, 1]));
    this.update();
  }

  /** Switch one key off or on; with `alone`, all others of its kind off, and back on the second time. */
  press(kind, key, alone = false) {
    const set = this.off[kind], total = (kind === "class" ? this.points.classes : this.points.domains).length;
    if (!alone) { if (!set.delete(key)) set.add(key); }
    else {
      const was = set.size === total - 1 && !set.has(key);
      set.clear();
      if (!was) for (let other = 0; other < total; other++) if (other !== key) set.add(other);
    }
    this.update();
  }

  update() {
    const { labels, isTarget, n } = this.points ?? { n: 0 };
    this.mask = new Uint8Array(n);
    for (let i = 0; i < n; i++) this.mask[i] = Number(!this.off.class.has(labels[i]) && !this.off.domain.has(isTarget[i]));
  }
}
