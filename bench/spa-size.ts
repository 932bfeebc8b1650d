/** Prints the size, in brotli at its best level, of what a first visit loads: the entry and its static imports, then each page's own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import * as z from "zod";

const budgetBytes = 150_000;
const folder = join(import.meta.dirname, "..", "dist", "web");

const manifestSchema = z.record(
  z.string(),
  z.object({
    file: z.string(),
    isEntry: z.boolean().optional(),
    isDynamicEntry: z.boolean().optional(),
    imports: z.array(z.string()).optional(),
    css: z.array(z.string()).optional(),
  }),
);

/** Files of a chunk and all that it imports statically, scripts and styles apart. */
function graphOf(manifest: z.infer<typeof manifestSchema>, name: string): { js: Set<string>; css: Set<string> } {
  const js = new Set<string>();
  const css = new Set<string>();
  const visit = (each: string): void => {
    const chunk = manifest[each];
    if (chunk === undefined || js.has(chunk.file)) return;
    js.add(chunk.file);
    for (const sheet of chunk.css ?? []) css.add(sheet);
    for (const next of chunk.imports ?? []) visit(next);
  };
  visit(name);
  return { js, css };
}

function brotliBytes(files: Iterable<string>): number {
  let total = 0;
  for (const file of files) {
    const content = readFileSync(join(folder, file));
    total += brotliCompressSync(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    }).length;
  }
  return total;
}

const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, ".vite", "manifest.json"), "utf8")));
const entryName = Object.keys(manifest).find((name) => manifest[name]?.isEntry === true);
if (entryName === undefined) throw new Error("dist/web has no entry: run the build first");
const entry = graphOf(manifest, entryName);
const entryBytes = brotliBytes(entry.js);
const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

console.log(`first load, JS      ${kB(entryBytes)} brotli in ${entry.js.size} files (budget ${kB(budgetBytes)})`);
console.log(`first load, CSS     ${kB(brotliBytes(entry.css))} brotli`);
for (const name of Object.keys(manifest).filter(
  (each) => manifest[each]?.isDynamicEntry === true && !each.includes("node_modules"),
)) {
  const own = [...graphOf(manifest, name).js].filter((file) => !entry.js.has(file));
  console.log(`+ ${name.padEnd(44)} ${kB(brotliBytes(own))}`);
}
if (entryBytes > budgetBytes) {
  console.error(`The first load is ${kB(entryBytes - budgetBytes)} over its budget.`);
  process.exitCode = 1;
}
