import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A repository's files without tests, whose CI turns red while `README.md` has "teh". */
export function makeSpellingRepository(): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(path.join(tmpdir(), "lime-spelling-"));
  mkdirSync(path.join(dir, ".github/workflows"), { recursive: true });
  writeFileSync(
    path.join(dir, ".github/workflows/ci.yml"),
    "name: spelling\non: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n    steps:\n      - run: node check.mjs tests\n",
  );
  writeFileSync(
    path.join(dir, "check.mjs"),
    'import { readFileSync } from "node:fs";\nif (readFileSync("README.md", "utf8").includes("teh")) { console.error("README.md: teh should be the"); process.exit(1); }\n',
  );
  writeFileSync(path.join(dir, "README.md"), "# Words\n");
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
