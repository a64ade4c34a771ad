// Color as the eye has it, for the palettes' tests: OKLab (Ottosson, 2020), three deficiencies (Machado et al., 2009), WCAG contrast.
const DEFICIENCIES = {
  none: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const LMS = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]];
const LAB = [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099], [0.0259040371, 0.7827717662, -0.808675766]];
const times = (matrix, v) => matrix.map((row) => row.reduce((sum, value, i) => sum + value * v[i], 0));

const linear = (hex) => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
const oklab = (rgb) => times(LAB, times(LMS, rgb.map((c) => Math.min(Math.max(c, 0), 1))).map(Math.cbrt));
const light = (hex) => times([[0.2126, 0.7152, 0.0722]], linear(hex))[0];

/** The least distance of two colors over all four ways of seeing, in hundredths of OKLab. */
export function distance(a, b) {
  const seen = (hex, matrix) => oklab(times(matrix, linear(hex)));
  return Math.min(...Object.values(DEFICIENCIES).map((matrix) => 100 * Math.hypot(...seen(a, matrix).map((v, i) => v - seen(b, matrix)[i]))));
}

export function contrast(a, b) {
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
