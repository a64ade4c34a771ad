// What the map says beside its picture: aloud to those who listen, over the picture to those who look.
import { t } from "../language.js";
import { element } from "./elements.js";
import { accuracies, HOW, summary } from "./words.js";
/** @import { PointMap } from "./pointmap.js" */

const PAUSE = 10000; // ms between two summaries that nobody asked for
const REMINDERS = 3; // a hint that is seen too often annoys

export class Voice {
  /** @type {ReturnType<typeof accuracies> | undefined} */
  before;
  hiding = 0; waiting = 0;

  /** @param {Element} root @param {Element} stage */
  constructor(root, stage) {
    this.empty = element("div", "tlt-empty", stage);
    this.news = element("div", "tlt-news", stage);
    this.reminder = element("div", "tlt-news tlt-hint", stage);
    this.news.hidden = this.reminder.hidden = true;
    this.live = element("div", "tlt-unseen", root);
    this.live.setAttribute("aria-live", "polite");
    this.saidAt = this.hinted = 0;
  }

  /** Say now, to those who listen instead of looking. @type {(text: string) => void} */
  tell(text) { this.live.textContent = text; }

  /** A line over the picture about what hinders it; "" when nothing does. @type {(text: string) => void} */
  setNews(text) {
    if (this.news.textContent === text) return;
    this.news.textContent = text;
    this.news.hidden = !text;
    if (text) this.tell(text);
  }

  /** A hint over the picture, for a moment, and not for ever. @type {(text: string) => void} */
  hint(text) {
    if (this.reminder.hidden && this.hinted++ >= REMINDERS) return;
    this.reminder.textContent = text;
    this.reminder.hidden = false;
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => { this.reminder.hidden = true; }, 1400);
  }

  /** What stands in the middle while there is nothing to see; "" when there is. @type {(text: string) => void} */
  nothing(text) { this.empty.textContent = text; this.empty.hidden = !text; }

  /** What a map shows, as the name of its canvas; aloud now and then, with what has changed since. @type {(map: PointMap, aloud: boolean) => void} */
  describe(map, aloud) {
    const { points, frame, filter, canvas, worst, centers } = map;
    const shown = filter.mask.reduce((sum, on) => sum + on, 0), now = points && frame ? accuracies(points, frame.predictions, filter.shows) : [null, null];
    const told = { shown, now, before: this.before, worst: worst < 0 ? undefined : points?.classes[worst], gap: centers?.[worst]?.gap };
    const text = summary(points, frame, told);
    canvas.setAttribute("aria-label", `${text} ${t(HOW)}`);
    const wait = aloud ? 0 : this.saidAt + PAUSE - performance.now();
    clearTimeout(this.waiting);
    if (wait > 0) { // what comes last is said as well, once the pause is over
      this.waiting = setTimeout(() => this.describe(map, true), wait);
      return;
    }
    this.saidAt = performance.now();
    this.before = now;
    this.tell(text);
  }

  stop() { clearTimeout(this.hiding); clearTimeout(this.waiting); }
}
