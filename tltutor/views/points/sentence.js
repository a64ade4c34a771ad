// A point's text, with the words underlined that speak most for the network's answer.
import { element } from "./elements.js";
/** @typedef {{ row: number, label: number, spans: [start: number, end: number][], shares: number[] }} Words Where a text's words stand, in characters, and how much each speaks for a class, -1..1. */

const MOST = 5; // words
const LEAST = 0.2; // share of what the strongest word does
const THICK = 3; // pixels under the strongest

/** The words that speak most for the class, in the order of the text. @type {(words: Words) => { start: number, end: number, share: number }[]} */
export function strongest({ spans, shares }) {
  const all = spans.map(([start, end], i) => ({ start, end, share: shares[i] })).filter((word) => word.share >= LEAST);
  return all.sort((a, b) => b.share - a.share).slice(0, MOST).sort((a, b) => a.start - b.start);
}

/** A paragraph of the text in `parent`. @type {(parent: Element, text: string, words?: Words | null) => HTMLElement} */
export function sentence(parent, text, words = null) {
  const place = element("p", "tlt-text", parent), letters = Array.from(text); // Python counts characters, not UTF-16 units
  let at = 0;
  for (const { start, end, share } of words ? strongest(words) : []) {
    if (start < at || end > letters.length) continue; // pairs of characters may overlap
    place.append(letters.slice(at, start).join(""));
    const word = element("u", "tlt-word", place, letters.slice(start, end).join(""));
    word.style.textDecorationThickness = `${Math.max(1, Math.round(THICK * share))}px`;
    at = end;
  }
  place.append(letters.slice(at).join(""));
  return place;
}
