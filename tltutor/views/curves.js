// The curves as a part of the board: tellings are decoded and drawn; a page that missed one asks for everything.
import { Curves } from "./charts/charts.js";
import { decode } from "./map.js";
import { element } from "./points/elements.js";
/** @import { Bytes, CurvesValues, Drawn, Hear, Place, Series } from "./types.js" */

/**
 * A message's series [[name, n], …] and its float32 pairs, as {name: [[step, value], …]}.
 * @type {(names: [name: string, n: number][], view?: Bytes | null) => Series}
 */
export function decodeSeries(names, view) {
  const numbers = decode(view);
  /** @type {Series} */
  const series = {};
  let at = 0;
  for (const [name, n] of names) {
    series[name] = Array.from({ length: n }, (_, i) => [numbers[at + 2 * i], numbers[at + 2 * i + 1]]);
    at += 2 * n;
  }
  return series;
}

/**
 * Whether a telling can be taken: a whole one always, a further one only right after the last.
 * @type {(telling: { kind: string, number: number }, heard: number) => boolean}
 */
export function follows({ kind, number }, heard) {
  return kind === "all" || number === heard + 1;
}

/** @type {(place: Place<CurvesValues>) => Drawn} */
export function renderCurves({ model, el }) {
  const root = element("div", "", el), curves = new Curves(root);
  let heard = 0; // the number of the last telling that fits what is drawn
  /** @type {Hear} */
  const told = (content, buffers) => {
    if (!follows(content, heard)) return;
    heard = content.number;
    curves.tell(content.kind, decodeSeries(content.series, buffers[0]), content.changes);
  };
  const cursor = () => { curves.cursor = model.get("cursor"); curves.wake(); };
  curves.wish = model.get("scale");
  curves.onWish = (wish) => { model.set("scale", wish); model.save_changes(); };
  curves.onPress = (step, name) => model.send({ kind: "points", step, name });
  model.on("msg:custom", told);
  model.on("change:cursor", cursor);
  cursor();
  model.send({ kind: "ready" });
  return () => {
    model.off("msg:custom", told);
    model.off("change:cursor", cursor);
    curves.destroy();
  };
}
