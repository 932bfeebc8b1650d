import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

function filesBelow(entry: string): readonly string[] {
  if (!statSync(entry).isDirectory()) return [entry];
  return readdirSync(entry)
    .filter((name) => name !== "node_modules" && name !== "dist" && !name.startsWith("."))
    .flatMap((name) => filesBelow(path.join(entry, name)));
}

/** SHA-256, in hex, over the names and bytes of all files at and below `entries`; entries that don't exist are left out. */
export function contentStamp(root: string, entries: readonly string[]): string {
  const hash = createHash("sha256");
  for (const entry of entries) {
    const full = path.join(root, entry);
    if (statSync(full, { throwIfNoEntry: false }) === undefined) continue;
    for (const file of [...filesBelow(full)].toSorted()) {
      const bytes = readFileSync(file);
      hash.update(`${path.relative(root, file)}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest("hex");
}
