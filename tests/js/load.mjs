// The front end's modules, by name: "curves", "points/geometry"; or the programs made of them, in the folder that TLTUTOR_PROGRAMS names.
import { pathToFileURL } from "node:url";

const { TLTUTOR_PROGRAMS } = process.env;
const FOLDER = TLTUTOR_PROGRAMS ? pathToFileURL(`${TLTUTOR_PROGRAMS}/`) : new URL("../../tltutor/views/", import.meta.url);

export function load(name) {
  return import(new URL(`${name}.js`, FOLDER));
}
