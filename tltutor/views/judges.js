// The label-free judges: what they are called, when they mislead, and where on the timeline each would have stopped.
import { mark, t } from "./language.js";
/** @import { Tick } from "./types.js" */

/** Each judge's title and limits, in the order of their rows. @type {Record<string, [title: string, limits: string]>} */
export const JUDGES = {
  source_risk: [mark("Source risk"), mark("It is blind to the target: a model that is best on the source may fail there.")],
  iwcv: [mark("IWCV (importance-weighted validation)"), mark("It needs domains that overlap: otherwise a few source examples decide.")],
  dev: [mark("DEV (deep embedded validation)"), mark("It needs domains that overlap in the features; a single large weight can turn it negative.")],
  entropy: [mark("Entropy of the target's answers"), mark("A model that gives every example the same class, and is sure of it, gets the best value.")],
  information: [mark("Information (sure and varied answers)"), mark("It rewards even shares of the classes, and does not see that clusters have swapped classes.")],
  snd: [mark("SND (soft neighborhood density)"), mark("A model that answers every example alike gets the best value.")],
  mixval: [mark("MixVal (mixed examples)"), mark("It measures smooth borders: a model whose clusters have swapped classes passes.")],
  atc: [mark("ATC (estimated target accuracy)"), mark("It believes confidence: a model that is sure and wrong on the target looks good.")],
};
export const PREFIX = "judge ", ORACLE = "oracle";

/** A judge's title without its explanation. @type {(name: string) => string} */
export const shortTitle = (name) => t(JUDGES[name][0]).replace(/\s*([(（]| of ).*$/u, "");

/** @type {(step: number) => string} */
const listed = (step) => step.toLocaleString("en");

/**
 * The ticks of the chosen steps: judges that chose one step share a tick; the oracle's is its own.
 * @type {(chosen: Record<string, number>, steps: number[]) => Tick[]}
 */
export function judgeTicks(chosen, steps) {
  /** @type {Map<number, string[]>} */
  const at = new Map();
  for (const name of Object.keys(JUDGES)) {
    if (name in chosen) at.set(chosen[name], [...(at.get(chosen[name]) ?? []), shortTitle(name)]);
  }
  /** @type {(step: number) => number} */
  const frame = (step) => Math.max(steps.indexOf(step), 0);
  /** @type {Tick[]} */
  const ticks = [...at].map(([step, names]) => [frame(step), t("{judges} would choose step {step}", { judges: names.join(", "), step: listed(step) }), "judge"]);
  if (ORACLE in chosen) ticks.push([frame(chosen[ORACLE]), t("the oracle, by the target's labels: step {step}", { step: listed(chosen[ORACLE]) }), "oracle"]);
  return ticks;
}
