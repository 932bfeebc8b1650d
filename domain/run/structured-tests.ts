import { parseJestReport } from "../../contracts/jest-report.ts";
import type { TestsRan } from "../../contracts/test-report.ts";

/** One test of a report that a program wrote for programs. */
export interface ReportedTest {
  /** With the names of the suites around it: `numbers > adds`. */
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

/** The way in which a test command is asked for a report beside its own output. */
export interface Reporter {
  readonly env: Readonly<Record<string, string>>;
  /** Appended to the command; empty where the environment is enough. */
  readonly args: string;
}

const maxNameLength = 200;
const maxTests = 50_000;

/**
 * How to ask a test command for a report in `file`: an absolute path without spaces. `script`: the text that the command runs in the end,
 * a script of package.json or the command itself. Undefined where the runner has no such report, or where asking would change what
 * runs: a second reporter, several runners in one script, arguments that another program would get.
 */
export function reporterFor(command: string, script: string, file: string): Reporter | undefined {
  if (/--reporter|--test-reporter|--outputFile|--json|junit|NODE_OPTIONS|PYTEST_ADDOPTS/u.test(`${command} ${script}`))
    return undefined;
  if (/\bpytest\b/u.test(script))
    return script.match(/\bpytest\b/gu)?.length === 1
      ? { env: { PYTEST_ADDOPTS: `--junitxml=${file} -o junit_family=xunit2` }, args: "" }
      : undefined;
  // One program alone, so that appended arguments reach it and nothing overwrites its report.
  if (/[&|;<>`$\n]/u.test(script)) return undefined;
  const runner = /^(?:npx |[A-Z_]+=\S* )*(node(?= .*--test\b)|vitest|jest)\b/u.exec(script.trim())?.[1];
  if (runner === "node") {
    const both = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=junit"];
    return { env: { NODE_OPTIONS: [...both, `--test-reporter-destination=${file}`].join(" ") }, args: "" };
  }
  if (!/^(?:npm test --|(?:pnpm|yarn) test|npx .*|vitest\b.*|jest\b.*)$/u.test(command)) return undefined;
  if (runner === "vitest") return { env: {}, args: ` --reporter=default --reporter=json --outputFile=${file}` };
  return runner === "jest" ? { env: {}, args: ` --json --outputFile=${file}` } : undefined;
}

/**
 * The tests of a report in the format of JUnit, Jest and Vitest, or `go test -json`; undefined for any other text, and for a report that was cut
 * off. A test whose file could not be loaded counts as failed under the file's name.
 */
export function readStructured(text: string): readonly ReportedTest[] | undefined {
  const start = text.trimStart().slice(0, 200);
  if (/^<(?:\?xml|testsuites?\b)/u.test(start)) return readJunit(text);
  if (!start.startsWith("{")) return undefined;
  return /"Action":/u.test(start) ? readGo(text) : readJest(text);
}

/** The counts of reported tests. */
export function countReported(tests: readonly ReportedTest[]): TestsRan {
  const count = (wanted: ReportedTest["outcome"]): number => tests.filter(({ outcome }) => outcome === wanted).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

/** https://github.com/testmoapp/junitxml: suites may nest, and a test's result is the element inside it. */
function readJunit(text: string): readonly ReportedTest[] | undefined {
  if (!/<\/testsuites?>\s*$/u.test(text)) return undefined;
  const suites: string[] = [];
  const tests: ReportedTest[] = [];
  let open: { name: string; outcome: ReportedTest["outcome"] } | undefined;
  for (const [, isEnd, tag = "", attributes = "", isEmpty] of text.matchAll(
    /<(\/?)(testsuites?|testcase|failure|error|skipped)\b((?:\s+[\w:.-]+="[^"]*"){0,40})\s*(\/?)>/gu,
  )) {
    if (tag === "testsuite") {
      if (isEnd === "/") suites.pop();
      else if (isEmpty !== "/") suites.push(attribute(attributes, "name"));
    } else if (tag === "testcase") {
      if (isEnd !== "/") open = { name: attribute(attributes, "name"), outcome: "passed" };
      if ((isEnd === "/" || isEmpty === "/") && open !== undefined) {
        tests.push(named(pathOf(suites, open.name), open.outcome));
        open = undefined;
      }
    } else if (open !== undefined && isEnd !== "/" && tag !== "testsuites")
      open.outcome = tag === "skipped" ? "skipped" : "failed";
    if (tests.length > maxTests) return undefined;
  }
  return tests;
}

/** Node names the suites around a test; pytest has one suite of its own name. */
function pathOf(suites: readonly string[], name: string): string {
  return [...suites.filter((suite) => suite !== "" && suite !== "pytest"), name].join(" > ");
}

function attribute(attributes: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`, "u").exec(attributes)?.[1] ?? "";
  return value
    .replaceAll(/&(lt|gt|quot|apos|amp|#\d{1,7});/gu, (whole, entity: string) => {
      if (entity.startsWith("#")) return String.fromCodePoint(Math.min(Number(entity.slice(1)), 0x10_ff_ff));
      return { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" }[entity] ?? whole;
    })
    .trim();
}

function readJest(text: string): readonly ReportedTest[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return parseJestReport(json)?.testResults.flatMap(({ assertionResults, name, status }) => {
    const tests = assertionResults.map(({ ancestorTitles, status: outcome, title }) =>
      named([...ancestorTitles, title].join(" > "), outcomeOf(outcome)),
    );
    return status === "failed" && tests.every(({ outcome }) => outcome !== "failed")
      ? [...tests, named(name.replace(/^\/workspace\/repo\//u, ""), "failed")]
      : tests;
  });
}

function outcomeOf(status: string | undefined): ReportedTest["outcome"] {
  if (status === "passed") return "passed";
  return status === "failed" ? "failed" : "skipped";
}

/** https://pkg.go.dev/cmd/test2json: one event a line. */
function readGo(text: string): readonly ReportedTest[] {
  const tests: ReportedTest[] = [];
  const outcomes = { pass: "passed", fail: "failed", skip: "skipped" } as const;
  for (const line of text.split("\n").slice(0, maxTests * 4)) {
    const [, action] = /"Action":"(pass|fail|skip)"/u.exec(line) ?? [];
    const [, name] = /"Test":"([^"]{1,1000})"/u.exec(line) ?? [];
    const [, of = ""] = /"Package":"([^"]{1,1000})"/u.exec(line) ?? [];
    if (action === undefined) continue;
    if (name !== undefined) tests.push(named(`${of} > ${name}`, outcomes[action as keyof typeof outcomes]));
    // A package that does not build fails without a test.
    else if (action === "fail") tests.push(named(of, "failed"));
  }
  return tests;
}

function named(name: string, outcome: ReportedTest["outcome"]): ReportedTest {
  return { name: name.slice(0, maxNameLength).toWellFormed(), outcome };
}
