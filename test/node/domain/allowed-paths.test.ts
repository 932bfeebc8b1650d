import { describe, expect, it } from "vitest";
import { allowedPathProblem, maxAllowedPathLength, pathAllowance } from "../../../domain/policy/allowed-paths.ts";

describe("allowed paths", () => {
  it.each([
    ["src", "src/a/b.ts", true],
    ["src/", "src/a.ts", true],
    ["./src", "src/a.ts", true],
    ["src", "srcs/a.ts", false],
    ["src", "lib/src/a.ts", false],
    ["src/*.ts", "src/a.ts", true],
    ["src/*.ts", "src/deep/a.ts", false],
    ["**/*.md", "docs/deep/a.md", true],
    ["**/*.md", "README.md", true],
    ["**/*.md", "readme.mdx", false],
    ["docs/**", "docs/.hidden/x", true],
    ["README.md", "README.md", true],
    ["app/[id]/page.tsx", "app/[id]/page.tsx", true],
    ["app/[id]/page.tsx", "app/i/page.tsx", false],
    ["app/(group)/x.ts", "app/(group)/x.ts", true],
    ["!src", "lib/a.ts", false],
    ["{a,b}", "a", false],
    [".", "anything/at/all", true],
  ])("%s: %s %s", (pattern, path, allowed) => {
    expect(pathAllowance([pattern])(path)).toBe(allowed);
  });

  it("are all when none is named", () => {
    expect(pathAllowance(undefined)("a")).toBe(true);
    expect(pathAllowance([])("a")).toBe(false);
  });

  it.each(["", " ", "/etc/passwd", "../x", "a/../../b", "a\\b", "a\nb", "*".repeat(maxAllowedPathLength + 1)])(
    "refuses %j",
    (pattern) => {
      expect(allowedPathProblem(pattern)).toBeDefined();
    },
  );

  it("match quickly, whatever the pattern", () => {
    const startedAt = performance.now();
    for (const pattern of [
      "**/**/**/**/**/**/**/x",
      "*a*a*a*a*a*a*a*b",
      "(a|a)*(a|a)*c",
      "a+(b+(c+(d",
      "?".repeat(200),
    ]) {
      expect(allowedPathProblem(pattern)).toBeUndefined();
      pathAllowance([pattern])(`${"a/".repeat(300)}${"a".repeat(1000)}`);
      pathAllowance([pattern])("a".repeat(1000));
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
