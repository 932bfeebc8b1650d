import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.join(import.meta.dirname, "../../..");
/** Imports and re-exports that stay at run time: all but `import type` and `export type`. */
const runtimeImport =
  /^(?:import|export)\s(?!type\b)[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gmu;

/** Every module that pages load, each with the module that imports it first. */
function loadedModules(entry: string): ReadonlyMap<string, string> {
  const importers = new Map([[entry, ""]]);
  for (const file of importers.keys()) {
    if (!/\.tsx?$/u.test(file) || !existsSync(path.join(root, file))) continue;
    for (const match of readFileSync(path.join(root, file), "utf8").matchAll(runtimeImport)) {
      const name = match[1] ?? match[2] ?? match[3] ?? "";
      const target = name.startsWith(".") ? path.join(path.dirname(file), name) : name;
      if (!importers.has(target)) importers.set(target, file);
    }
  }
  return importers;
}

test("pages load no validator: the contracts' schemas stay on the server", () => {
  const loaded = loadedModules("web/app/main.tsx");
  expect([...loaded.keys()]).toEqual(
    expect.arrayContaining(["domain/run/fold.ts", "domain/ledger/chain.ts", "contracts/run-names.ts", "react"]),
  );
  expect(loaded.get("zod")).toBeUndefined();
});
