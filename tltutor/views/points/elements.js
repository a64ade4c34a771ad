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

