// Axes, their ticks, and the numbers that stand at them. Pure functions.
import { t } from "../language.js";
/** @import { Curve, Range, ScaleWish } from "../types.js" */

/** Which chart a name belongs to. @type {(name: string) => 0 | 1} */
export function chartOf(name) {
  return /(accuracy|_AP)$/.test(name) ? 0 : 1;
}

/** A name as people read it. @type {(name: string) => string} */
export function spoken(name) {
  return t(name.replace(/^loss\//, "").replace(/^domain_probe/, "probe").replace(/_accuracy$/, "").replaceAll("_", " "));
}

// ---------------------------------------------------------------- axes

const LADDER = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The least round number that is not below `value`, so that an axis grows in few steps and rests between them. @type {(value: number) => number} */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return unit * (LADDER.find((rung) => rung * unit >= value * (1 - 1e-9)) ?? 10);
}

/** At most about `most` round ticks from low to high. @type {(low: number, high: number, most?: number) => number[]} */
export function ticks(low, high, most = 4) {
  const raw = (high - low) / most, unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * ([1, 2, 5, 10].find((rung) => rung * unit >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The powers of ten from low to high. @type {(low: number, high: number) => number[]} */
export function decades(low, high) {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9), every = Math.ceil((last - first + 1) / 5);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => 10 ** (first + i)).filter((_, i) => i % every === 0);
}

/** The share q (0..1) of sorted values lies at or below this one. @type {(values: number[], q: number) => number} */
export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length ? sorted[Math.round(q * (sorted.length - 1))] : NaN;
}

/**
 * The loss axis: {low, high, log}; logarithmic where all is positive and spans more than a factor of 60. A few spikes may stick out.
 * @type {(values: number[], wish?: ScaleWish) => Range}
 */
export function lossRange(values, wish = "auto") {
  if (!values.length) return { low: 0, high: 1, log: false };
  const least = Math.min(...values), low = quantile(values, 0.02), high = quantile(values, 0.985);
  const log = least > 0 && (wish === "log" || (wish === "auto" && high / low > 60));
  if (log) return { low: 10 ** Math.floor(Math.log10(low)), high: 10 ** Math.ceil(Math.log10(high) + 1e-9), log };
  return { low: least < 0 ? -roundUp(-low > 0 ? -low : 1e-3) : 0, high: roundUp(high > 0 ? high * 1.02 : 1e-3), log };
}

/** The share of the axis (0 bottom, 1 top) at which a value lies. @type {(value: number, range: Range) => number} */
export function along(value, { low, high, log }) {
  const share = log ? Math.log(Math.max(value, low / 10) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(Math.max(share, -0.02), 1.04);
}

/** An exponential mean over about `span` points, corrected at its start: noise out, trend left. @type {(points: Curve, span: number) => Curve} */
export function smooth(points, span) {
  const keep = Math.exp(-1 / Math.max(span, 1e-9));
  let sum = 0, weight = 0;
  return points.map(([step, value]) => {
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return [step, sum / weight];
  });
}

/** The index of the point nearest to a step; points are in the order of their steps; -1 for none. @type {(points: Curve, step: number) => number} */
export function nearestAt(points, step) {
  let low = 0, high = points.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < step) low = middle; else high = middle;
  }
  return Math.abs(points[low][0] - step) <= Math.abs(points[high][0] - step) ? low : high;
}

/**
 * Heights for labels that want to be at `wanted`, at least `gap` apart and within [top, bottom]; the order is kept.
 * @type {(wanted: number[], gap: number, top: number, bottom: number) => number[]}
 */
export function spread(wanted, gap, top, bottom) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]), at = [];
  let last = -Infinity;
  for (const i of order) { at[i] = last = Math.max(wanted[i], last + gap, top); }
  let limit = bottom;
  for (const i of order.reverse()) { at[i] = Math.min(at[i], limit); limit = at[i] - gap; }
  return at;
}

/** A number in few, steady digits. @type {(value: number) => string} */
export function short(value) {
  const size = Math.abs(value);
  if (size >= 1e4 || (size > 0 && size < 1e-3)) return value.toExponential(1);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toFixed(3);
}

/** A tick's number without idle zeros. @type {(value: number) => string} */
export function tickText(value) {
  const size = Math.abs(value);
  if (size >= 1000) return size >= 1e6 ? `${Number((value / 1e6).toPrecision(3))}M` : `${Number((value / 1000).toPrecision(3))}k`;
  return size > 0 && size < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(3)));
}

/**
 * A color (#rrggbb) with a share of another (red, green, blue) in it: letters need more contrast than lines.
 * @type {(color: string, other: number[], share: number) => string}
 */
export function mixed(color, other, share) {
  const parts = other.map((v, i) => Math.round((1 - share) * Number.parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16) + share * v));
  return `rgb(${parts.join(" ")})`;
}
