// The colors of the classes.

// Okabe and Ito (2008) first; its yellow is too pale for white and its black too dark for black, so each theme has its own
// seventh and eighth. The rest was chosen for distance in OKLab, also as people with a color deficiency see it.
const SHARED = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const LIGHT = [...SHARED, "#222222", "#7B4247", "#A46BF5", "#9EC08D", "#A83C81", "#223092", "#303B00", "#C52012", "#61225D", "#60B073"];
const DARK = [...SHARED, "#EDEDED", "#F0E442", "#A46BF5", "#994135", "#B4C7B7", "#C23492", "#85F8A1", "#7A7487", "#5CD1FB", "#92B380"];

/** `count` colors; beyond sixteen the hue turns by the golden angle and the lightness alternates. */
export function palette(count, dark = false) {
  const known = dark ? DARK : LIGHT;
  const more = (i) => `hsl(${Math.round((i * 137.508) % 360)} ${[75, 45, 90][i % 3]}% ${(dark ? [62, 78, 50] : [42, 28, 55])[i % 3]}%)`;
  return Array.from({ length: count }, (_, i) => known[i] ?? more(i));
}

/** Whether a CSS color rgb(…) is dark. */
export function isDark(color) {
  const [r, g, b] = (color.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 110;
}
