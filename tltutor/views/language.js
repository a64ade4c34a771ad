// The words a page shows or speaks, in the language in use: the English is the key, the kernel sends the rest.

let known = {};

/** From now on say things with these translations, {English: other}; none for English itself. */
export function speak(translations) { known = translations ?? {}; }

/** `text` in the language in use, with each {name} replaced by its value. */
export function t(text, values = {}) {
  return (known[text] ?? text).replace(/\{(\w+)\}/g, (hole, name) => (name in values ? String(values[name]) : hole));
}

/** `text` as it is: says that it is translated later, where it is shown. */
export function mark(text) { return text; }
