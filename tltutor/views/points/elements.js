// Small pieces of the page.

export function element(tag, className, parent, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

export function toggle(parent, text, title, onClick) {
  const button = element("button", "tlt-chip", parent, text);
  button.type = "button";
  button.title = title;
  button.addEventListener("click", (event) => onClick(button, event));
  return button;
}

/** Let this label name this input, by an id that no other place in the page has. */
export function nameBy(label, input) {
  label.htmlFor = input.id = `tlt-${Math.random().toString(36).slice(2)}`;
}
