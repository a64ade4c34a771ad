// The style sheets, which travel inside the program.

const STYLE = `STYLE`;

/** Bring them into the document or shadow root of this element, once; another version's may be there, too. @type {(el: Element) => void} */
export function dress(el) {
  const root = el.getRootNode(), home = root instanceof ShadowRoot ? root : document.head;
  if ([...home.querySelectorAll("style[data-tltutor]")].some((style) => style.textContent === STYLE)) return;
  const style = document.createElement("style");
  style.dataset.tltutor = "";
  style.textContent = STYLE;
  home.append(style);
}
