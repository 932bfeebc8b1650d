import { posix } from "node:path";
import type { Program } from "../../../fakes/sandbox/process.ts";
import { walk } from "../../../fakes/sandbox/tree.ts";

/**
 * `node --test` for the little package that adds, `sum.js`: it finds how `sum` is written, does each `assert.equal(sum(a, b), c)`
 * of `test/*.test.js`, and reports as Node's own runner does. A `sum.js` of any other kind fails every test.
 */
export const sumSuite: Program = ({ cwd, out, tree }, args) => {
  if (args[0] !== "--test") throw new Error(`The engine's node has --test only, not ${args.join(" ")}.`);
  const source = textAt("sum.js");
  const sign = /^export const sum = \(a, b\) => a ([+-]) b;$/mu.exec(source)?.[1];
  let [pass, fail] = [0, 0];
  const directory = tree.at(posix.join(cwd, "test"));
  for (const [path, entry] of directory?.kind === "directory" ? walk(directory) : []) {
    if (entry.kind !== "file" || !path.endsWith(".test.js")) continue;
    for (const [, name = "", a, b, expected] of new TextDecoder()
      .decode(entry.bytes)
      .matchAll(/test\("([^"]*)", \(\) => assert\.equal\(sum\((-?\d+), (-?\d+)\), (-?\d+)\)\)/gu)) {
      const sum = sign === "+" ? Number(a) + Number(b) : sign === "-" ? Number(a) - Number(b) : Number.NaN;
      const passes = sum === Number(expected);
      if (passes) pass += 1;
      else fail += 1;
      out(`${passes ? "✔" : "✖"} ${name} (0.5ms)\n`);
    }
  }
  out(`ℹ tests ${pass + fail}\nℹ pass ${pass}\nℹ fail ${fail}\n`);
  return fail === 0 ? 0 : 1;

  function textAt(name: string): string {
    const entry = tree.at(posix.join(cwd, name));
    return entry?.kind === "file" ? new TextDecoder().decode(entry.bytes) : "";
  }
};
