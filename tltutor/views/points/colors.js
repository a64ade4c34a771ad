// The colors of the classes.

// Okabe and Ito (2008) first; its yellow is too pale for white and its black too dark for black, so each theme has its own
// seventh and eighth. The rest was chosen for distance in OKLab, also as people with a color deficiency see it.
const SHARED = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const LIGHT = [...SHARED, "#222222", "#7B4247", "#A46BF5", "#9EC08D", "#A83C81", "#223092", "#303B00", "#C52012", "#61225D", "#60B073"];
const DARK = [...SHARED, "#EDEDED", "#F0E442", "#A46BF5", "#994135", "#B4C7B7", "#C23492", "#85F8A1", "#7A7487", "#5CD1FB", "#92B380"];

/**
 * `count` colors; beyond sixteen the hue turns by the golden angle and the lightness alternates.
 * @type {(count: number, dark?: boolean) => string[]}
 */
export function palette(count, dark = false) {
  const known = dark ? DARK : LIGHT;
  /** @type {(i: number) => string} */
  const more = (i) => `hsl(${Math.round((i * 137.508) % 360)} ${[75, 45, 90][i % 3]}% ${(dark ? [62, 78, 50] : [42, 28, 55])[i % 3]}%)`;
  return Array.from({ length: count }, (_, i) => known[i] ?? more(i));
}

const EDGE = 3; // contrast that the edge of a mark needs to be seen (WCAG 2.2, 1.4.11)

/** Red, green and blue, 0..255, of #rrggbb, rgb(…) or hsl(…). @type {(color: string) => number[]} */
export function channels(color) {
  if (color.startsWith("#")) return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  const [a, b, c] = (color.match(/[\d.]+/g) ?? []).map(Number);
  if (!color.startsWith("hsl")) return [a, b, c];
  const light = c / 100, reach = (b / 100) * Math.min(light, 1 - light);
  return [0, 8, 4].map((n) => { const k = (n + a / 30) % 12; return 255 * (light - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))); });
}

/** Relative luminance, 0..1 (WCAG 2.2). @type {(color: string) => number} */
function luminance(color) {
  const [r, g, b] = channels(color).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colors, 1..21 (WCAG 2.2). @type {(one: string, other: string) => number} */
export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/**
 * The edge that a mark of this color needs on this paper: mixed with ink until it can be seen; null where the color can.
 * @type {(color: string, paper?: string, ink?: string) => string | null}
 */
export function edgeOf(color, paper, ink) {
  if (!paper || !ink) return null; // a page that is not in sight yet has no colors
  if (contrast(color, paper) >= EDGE) return null;
  const from = channels(color), to = channels(ink);
  for (let share = 0.1; share < 1; share += 0.1) {
    const mix = `rgb(${from.map((v, i) => Math.round((1 - share) * v + share * to[i])).join(" ")})`;
    if (contrast(mix, paper) >= EDGE) return mix;
  }
  return ink;
}

/** Whether a CSS color rgb(…) is dark. @type {(color: string) => boolean} */
export function isDark(color) {
  const [r, g, b] = (color.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 110;
}
