// What the points are colored by: the class, or what else is known of each. No page and no canvas in it.
import { mark, t } from "../language.js";
import { palette } from "./colors.js";
/** @import { Measured, Points, Predictions } from "../types.js" */

const LEVELS = 9; // steps of a scale
const ORIGINS = 16; // source domains that have a color of their own
const GRAY = "#8c8c8c", UNDECIDED = "#b9b3ac";
// viridis (van der Walt and Smith, 2015): its lightness rises evenly, and people with a color deficiency can read it
const VIRIDIS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
const DOMAINS = { light: ["#0072B2", "#D55E00"], dark: ["#56A8E0", "#F07A2E"] }; // as the curves of source and target

/**
 * From a value to its place on the scale, 0..1; classes: how many there are; far: the largest distance that counts.
 * @type {Record<string, (v: number, about: { classes: number, far: number }) => number>}
 */
const SCALES = {
  confidence: (v, { classes }) => (v - 1 / classes) / (1 - 1 / classes),
  loss: (v) => (Math.log10(Math.max(v, 0.01)) + 2) / 3, // .01 to 10 nats
  opinion: (v) => v,
  distance: (v, { far }) => 1 - v / far, // what is near stands out
};

/** All that points can be colored by: [name, words, what it means]. */
export const TINTS = [
  ["class", mark("class"), mark("The class that a point has; gray where it has none")],
  ["domain", mark("domain"), mark("Source or target")],
  ["origin", mark("origin"), mark("Which of several source domains it comes from; gray for the target")],
  ["prediction", mark("prediction"), mark("The class that the network gives it")],
  ["confidence", mark("confidence"), mark("How sure the network is of its answer")],
  ["loss", mark("loss"), mark("The cross-entropy of its answer, on a logarithmic scale; a target's label only judges")],
  ["opinion", mark("discriminator"), mark("What the discriminator takes it for: the color of the source or of the target")],
  ["changed", mark("changed"), mark("Whether its prediction is another than at the last mark")],
  ["distance", mark("distance"), mark("How far its features are from those of the point under the pointer")],
];

/** The names of what can be colored by now. @type {(points: Points | null, predictions: Predictions, values?: Measured) => string[]} */
export function tintsOf(points, predictions, values = {}) {
  /** @type {Record<string, boolean>} */
  const known = { class: true, domain: true, prediction: predictions.length > 0, distance: Object.keys(values).length > 0, /* a kernel is there to ask */ ...Object.fromEntries(Object.keys(values).map((name) => [name, true])) };
  return TINTS.map(([name]) => name).filter((name) => known[name] && points);
}

/** The words at both ends of a scale, "" for what has none. @type {(tint: string) => string[]} */
export function endsOf(tint) {
  /** @type {Record<string, string[]>} */
  const ends = {
    confidence: [t("guesses"), t("sure")], loss: [".01", t("10 nats")], opinion: [t("source"), t("target")], distance: [t("far"), t("near")],
    changed: [t("same answer"), t("another answer")],
  };
  return ends[tint] ?? [];
}

/** @type {(one: string, other: string, share: number) => string} */
function mixedHex(one, other, share) {
  /** @type {(hex: string, at: number) => number} */
  const part = (hex, at) => Number.parseInt(hex.slice(at, at + 2), 16);
  return `#${[1, 3, 5].map((at) => Math.round(part(one, at) + share * (part(other, at) - part(one, at))).toString(16).padStart(2, "0")).join("")}`;
}

/** From one color over a middle one to another; share 0..1. @type {(one: string, middle: string, other: string, share: number) => string} */
function between(one, middle, other, share) {
  return share < 0.5 ? mixedHex(one, middle, 2 * share) : mixedHex(middle, other, 2 * share - 1);
}

/**
 * The colors of a tint; what is nothing of it is gray and comes first. A high value stands out from the paper.
 * @type {(tint: string, classes: number, dark: boolean) => string[]}
 */
export function tintColors(tint, classes, dark) {
  const [source, target] = DOMAINS[dark ? "dark" : "light"];
  if (tint === "domain") return [GRAY, source, target];
  if (tint === "changed") return [GRAY, dark ? "#F0E442" : "#A83C81"];
  if (tint === "opinion") return [GRAY, ...Array.from({ length: LEVELS }, (_, i) => between(source, UNDECIDED, target, i / (LEVELS - 1)))];
  if (tint in SCALES) return [GRAY, ...(dark ? VIRIDIS : VIRIDIS.slice().reverse())];
  return [GRAY, ...palette(tint === "origin" ? ORIGINS : classes, dark)];
}

/**
 * Which of the tint's colors each point has, (n,) into `out`; 0 where nothing is known.
 * @type {(tint: string, known: { points: Points, predictions: Predictions, values?: Measured, distances?: Float32Array | null }, out: Uint16Array) => Uint16Array}
 */
export function hues(tint, { points, predictions, values = {}, distances = null }, out) {
  const { n, labels, isTarget } = points, scale = SCALES[tint];
  if (scale) {
    const known = tint === "distance" ? distances : values[tint];
    const about = { classes: Math.max(points.classes.length, 2), far: tint === "distance" && known ? known.reduce((most, v) => Math.max(most, v), 1e-9) : 1 };
    for (let i = 0; i < n; i++) {
      const share = known ? scale(known[i], about) : NaN;
      out[i] = Number.isNaN(share) ? 0 : 1 + Math.round(Math.min(Math.max(share, 0), 1) * (LEVELS - 1));
    }
    return out;
  }
  for (let i = 0; i < n; i++) {
    if (tint === "domain") out[i] = 1 + isTarget[i];
    else if (tint === "changed") out[i] = Number(values.changed?.[i] > 0);
    else if (tint === "origin") out[i] = 1 + (values.origin?.[i] ?? -1);
    else out[i] = 1 + ((tint === "prediction" ? predictions[i] : labels[i]) ?? -1);
  }
  return out;
}
