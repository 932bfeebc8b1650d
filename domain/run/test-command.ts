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
  const { scripts } = parsed;
  if (typeof scripts !== "object" || scripts === null || !("test" in scripts)) return null;
  const { test } = scripts;
  if (typeof test !== "string" || test.trim() === "" || test.includes("no test specified")) return null;
  return "npm test --";
}

/** True when the path looks like a test by the names that test runners search for. */
export function isTestPath(path: string): boolean {
  return (
    /(^|\/)(tests?|__tests__|spec)\//u.test(path) ||
    /(^|[./_-])(test|spec)\.[cm]?[jt]sx?$/u.test(path) ||
    /(^|\/)test\.[cm]?[jt]sx?$/u.test(path)
  );
}
