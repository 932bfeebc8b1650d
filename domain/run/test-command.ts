/** The text of npm's test script, or undefined when there is none, it is blank, or it is npm's placeholder. */
export function testScriptOf(scripts: unknown): string | undefined {
  if (typeof scripts !== "object" || scripts === null || !("test" in scripts)) return undefined;
  const { test } = scripts;
  return typeof test !== "string" || test.trim() === "" || test.includes("no test specified") ? undefined : test;
}

/**
 * The command that runs a repository's tests, from the text of its package.json: `npm test` when it has a test script
 * other than npm's placeholder, null otherwise or when the file is not JSON.
 */
export function detectTestCommand(packageJson: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(packageJson);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null || !("scripts" in parsed)) return null;
  return testScriptOf(parsed.scripts) === undefined ? null : "npm test --";
}

/** True when the path looks like a test by the names that test runners search for. */
export function isTestPath(path: string): boolean {
  return /(^|\/)(tests?|__tests__|specs?)\//u.test(path) || /(^|[./_-])(tests?|spec)\.[cm]?[jt]sx?$/u.test(path);
}
