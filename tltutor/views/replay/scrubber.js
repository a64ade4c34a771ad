// Play, the bar over the frames with a tick for every change, the place in words, and the speed.
import { mark, t } from "../language.js";
import { element } from "../points/elements.js";
import { frameOfChange } from "./data.js";

const RATES = [[0.25, mark("¼ speed")], [0.5, mark("½ speed")], [1, mark("normal speed")], [2, mark("2 × speed")], [4, mark("4 × speed")]];
const SHAPES = { Play: "M3 1.5 11 6 3 10.5Z", Pause: "M2.5 1.5h2.6v9H2.5ZM6.9 1.5h2.6v9H6.9Z" };

function playIcon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 12 12"); svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]); path.setAttribute("fill", "currentColor");
  svg.append(path);
  return svg;
}

/** The place of frame i in words. */
export function placeWords(steps, i) {
  return t("step {step}, frame {frame} of {frames}", { step: steps[i].toLocaleString("en"), frame: i + 1, frames: steps.length });
}

/** The bar under the map; it moves `transport`, and show(i), told() move it. */
export class Scrubber {
  constructor(parent, transport, { steps, changes }) {
    this.transport = transport; this.steps = steps;
    const bar = element("div", "tlt-replay-transport", parent);
    this.button = element("button", "tlt-replay-playback", bar);
    this.button.type = "button"; this.button.title = t("Space");
    this.button.addEventListener("click", () => transport.toggle());
    const track = element("div", "tlt-replay-track tlt-timeline", bar);
    this.range = element("input", "", track);
    Object.assign(this.range, { type: "range", min: 0, max: Math.max(steps.length - 1, 0), step: 1, disabled: steps.length < 2 });
    this.range.setAttribute("aria-label", t("Frame; arrow keys step, Home and End jump"));
    this.range.addEventListener("input", () => { transport.pause(); transport.go(Number(this.range.value)); });
    this.addTicks(element("div", "tlt-replay-ticks", track), changes);
    this.words = element("output", "tlt-replay-place", bar);
    this.speed(bar);
    this.told();
  }

  addTicks(row, changes) {
    row.setAttribute("aria-hidden", "true");
    for (const [step, text] of changes) {
      const tick = element("i", "", row), part = frameOfChange(this.steps, step) / Math.max(this.steps.length - 1, 1);
      tick.style.left = `${(100 * part).toFixed(2)}%`;
      tick.title = t("step {step}: {text}", { step: step.toLocaleString("en"), text });
    }
  }

  speed(bar) {
    const select = element("select", "tlt-replay-speed", bar);
    select.setAttribute("aria-label", t("Speed"));
    for (const [rate, words] of RATES) element("option", "", select, t(words)).value = rate;
    select.value = 1;
    select.addEventListener("change", () => { this.transport.rate = Number(select.value); });
  }

  show(i) {
    const words = placeWords(this.steps, i);
    this.range.value = i;
    this.range.setAttribute("aria-valuetext", words);
    this.words.textContent = words;
  }

  told() {
    const [icon, word] = this.transport.playing ? ["Pause", t("Pause")] : ["Play", t("Play")];
    this.button.replaceChildren(playIcon(icon), word);
  }
}
