// The front end's modules, by name: "curves", "points/geometry".
export function load(name) {
  return import(new URL(`../../tltutor/views/${name}.js`, import.meta.url));
}
