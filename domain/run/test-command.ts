/** The text of npm's test script, or undefined when there is none, it is blank, or it is npm's placeholder. */
export function testScriptOf(scripts: unknown): string | undefined {
  if (typeof scripts !== "object" || scripts === null || !("test" in scripts)) return undefined;
  const { test } = scripts;
  return typeof test !== "string" || test.trim() === "" || test.includes("no test specified") ? undefined : test;
}

/** The text of the test script of a package.json; undefined when it has none, or is no JSON. */
export function testScript(packageJson: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(packageJson);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || !("scripts" in parsed)) return undefined;
  return testScriptOf(parsed.scripts);
}
