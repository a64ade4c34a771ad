// Loads a view's module as the browser would get it: the text alone, with nothing around it.
import { readFileSync } from "node:fs";

export function load(name) {
  const text = readFileSync(new URL(`../../tltutor/views/${name}.js`, import.meta.url), "utf8");
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}
