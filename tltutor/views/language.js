// The words a page shows or speaks, in the language in use: the English is the key, the kernel sends the rest.

/** @type {Record<string, string>} */
let known = {};

/**
 * From now on say things with these translations, {English: other}; none for English itself.
 * @type {(translations?: Record<string, string> | null) => void}
 */
export function speak(translations) { known = translations ?? {}; }

/** `text` in the language in use, with each {name} replaced by its value. @type {(text: string, values?: Record<string, unknown>) => string} */
export function t(text, values = {}) {
  return (known[text] ?? text).replace(/\{(\w+)\}/g, (hole, name) => (name in values ? String(values[name]) : hole));
}

/** `text` as it is: says that it is translated later, where it is shown. @type {(text: string) => string} */
export function mark(text) { return text; }
