// Makes the page's programs: each entry of tltutor/views with all that it imports, as one module in tltutor/views/dist (or another folder).
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, version } from "esbuild";

const ENTRIES = ["app.js"];
const VIEWS = fileURLToPath(new URL("tltutor/views/", import.meta.url));

/** One sha256 for these files of VIEWS: of each file's name and text, in the order of the names. */
async function digestOf(names) {
  const digest = createHash("sha256");
  for (const name of names.sort()) {
    const text = await readFile(path.join(VIEWS, name), "utf-8");
    digest.update(`${name}\n${text.replaceAll("\r\n", "\n")}\n`);
  }
  return digest.digest("hex");
}

/** The module that `entry` becomes: not minified, so that it can be read, and no word that it says gets another form. */
async function moduleOf(entry) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: VIEWS, entryPoints: [entry], bundle: true, write: false, metafile: true,
    format: "esm", target: "es2022", charset: "utf8", legalComments: "none",
  });
  const digest = await digestOf(Object.keys(metafile.inputs));
  return `// Made by "make bundle" from ${entry} and what it imports: edit those. esbuild ${version}, sources sha256 ${digest}\n${outputFiles[0].text}`;
}

const folder = process.argv[2] ?? path.join(VIEWS, "dist");
await mkdir(folder, { recursive: true });
for (const entry of ENTRIES) await writeFile(path.join(folder, entry), await moduleOf(entry));
