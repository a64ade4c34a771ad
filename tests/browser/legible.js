// Sizes and contrasts of what a page shows, as WCAG 2.2 counts them; remembers what is drawn on canvases from now on.

window.drawn = new Map();
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function remembered(text, ...rest) {
  const place = this.canvas, wide = place.getBoundingClientRect().width, shown = (this.getTransform().a * wide) / place.width;
  const seen = { text, place, size: parseFloat(this.font.match(/[0-9.]+px/)[0]) * shown, ink: this.fillStyle, alpha: this.globalAlpha };
  if (wide) window.drawn.set([text, seen.size, seen.ink, seen.alpha].join(" "), seen);
  return fillText.call(this, text, ...rest);
};

const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Red, green, blue 0..255 and opacity 0..1 of a CSS color. */
function rgba(ink) {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = ink;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}

const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => a * c + (1 - a) * under[i]);
const around = (element) => (element ? [...around(element.parentElement), element] : []);
const ground = (element) => around(element).reduce((under, each) => over(rgba(getComputedStyle(each).backgroundColor), under), [255, 255, 255]);
const fade = (element) => around(element).reduce((all, each) => all * getComputedStyle(each).opacity, 1);
const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);

function contrast(one, other) {
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Whether a person sees this element; what is asleep, or only read aloud, does not count. */
function counts(element) {
  const { width, height } = element.getBoundingClientRect(), apart = ":disabled, [disabled], style, .tlt-unseen, option:not(:checked)";
  return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true }) && !element.closest(apart);
}

function written(element, text) {
  const style = getComputedStyle(element), size = parseFloat(style.fontSize), [r, g, b, a] = rgba(style.color), under = ground(element);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  return { text, size, large, contrast: contrast(over([r, g, b, a * fade(element)], under), under) };
}

function painted({ text, place, size, ink, alpha }) {
  const [r, g, b, a] = rgba(ink), under = ground(place);
  return { text: `drawn ${text}`, size: Math.round(size), large: false, contrast: contrast(over([r, g, b, a * alpha], under), under) };
}

/** What a field shows: the text of a select or an input is no text of the page. */
function entered(element) {
  return written(element, element.selectedOptions?.[0]?.text ?? element.value);
}

/** Whether what was drawn is there for good: a class's name fades in while its points gather. */
const stands = (root) => ({ place, alpha }) => alpha >= 0.7 && root.contains(place);

/** Every text under `root`, in fields, too: its size in CSS pixels, whether that is large, its contrast. */
window.legible = (root) => {
  const found = [], walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.textContent.trim().slice(0, 60);
    if (text && counts(node.parentElement)) found.push(written(node.parentElement, text));
  }
  found.push(...[...root.querySelectorAll("select, input:is([type=number], [type=text])")].filter(counts).map(entered));
  return [...found, ...[...window.drawn.values()].filter(stands(root)).map(painted)];
};
