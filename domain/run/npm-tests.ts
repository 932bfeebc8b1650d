/** Sections of package.json that configure a test runner. */
const runnerSections = [
  "jest",
  "mocha",
  "vitest",
  "ava",
  "tap",
  "nyc",
  "c8",
  "jasmine",
  "playwright",
  "config",
] as const;
const dependencySections = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "overrides",
  "resolutions",
] as const;
const runners =
  /^(?:vitest|jest|mocha|ava|tap|tape|uvu|jasmine|karma|chai|qunit|c8|nyc|tsx|ts-node|ts-jest|npm|node|@?playwright(?:\/test)?|@jest\/.+|@vitest\/.+)$/u;

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a package.json by which its tests are run; undefined when the text is no JSON object. */
export function testFields(packageJson: string): ReadonlyMap<string, string> | undefined {
  const parsed = parseFields(packageJson);
  if (parsed === undefined) return undefined;
  const fields = new Map<string, string>();
  const scripts = fieldsOf(parsed["scripts"]);
  for (const name of testScripts(scripts)) fields.set(`scripts.${name}`, JSON.stringify(scripts[name]));
  for (const name of runnerSections) if (parsed[name] !== undefined) fields.set(name, JSON.stringify(parsed[name]));
  for (const section of dependencySections)
    for (const [name, version] of Object.entries(fieldsOf(parsed[section])))
      if (runners.test(name)) fields.set(`${section}.${name}`, JSON.stringify(version));
  return fields;
}

/** The names of the fields by which tests are run and that differ, sorted. A side that is no JSON object differs as a whole. */
export function changedTestFields(before: string, after: string): readonly string[] {
  const [was, is] = [testFields(before), testFields(after)];
  if (was === undefined || is === undefined) return before === after ? [] : ["package.json"];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => was.get(name) !== is.get(name) && !isNewScript(name, was))
    .toSorted();
}

/** The patch's package.json with every field by which tests are run as the base has it; the base's where either is no JSON object. */
export function withBaseTestFields(before: string, after: string): string {
  const [was, is] = [parseFields(before), parseFields(after)];
  if (was === undefined || is === undefined) return before;
  const merged: Record<string, unknown> = { ...is };
  const scripts: Record<string, unknown> = { ...fieldsOf(is["scripts"]) };
  const baseScripts = fieldsOf(was["scripts"]);
  for (const name of testScripts(scripts)) if (!Object.hasOwn(baseScripts, name)) delete scripts[name];
  merged["scripts"] = { ...scripts, ...baseScripts };
  for (const name of runnerSections) {
    if (was[name] === undefined) delete merged[name];
    else merged[name] = was[name];
  }
  return `${JSON.stringify(merged, null, 2)}\n`;
}

/** The scripts that `test` consists of: itself, what runs around it, and those that they name in turn. */
function testScripts(scripts: Fields): readonly string[] {
  const names = Object.keys(scripts);
  const found = new Set(names.filter((name) => /^(?:pre|post)?test$/u.test(name)));
  for (const name of found) {
    const words = new Set(String(scripts[name]).split(/[^\w:.*-]+/u));
    for (const other of names)
      if (words.has(other)) for (const each of [other, `pre${other}`, `post${other}`]) found.add(each);
    // `run-s test:*` and its like name scripts by their beginning.
    for (const word of words)
      if (word.endsWith("*")) for (const other of names) if (other.startsWith(word.slice(0, -1))) found.add(other);
  }
  return [...found].filter((name) => Object.hasOwn(scripts, name));
}

/** A script that only the patch has changes nothing about the base's, unless it runs around one of them. */
function isNewScript(field: string, was: ReadonlyMap<string, string>): boolean {
  const name = /^scripts\.(.+)$/u.exec(field)?.[1];
  if (name === undefined || was.has(field)) return false;
  const inner = /^(?:pre|post)(.+)$/u.exec(name)?.[1];
  return name !== "test" && (inner === undefined || !was.has(`scripts.${inner}`));
}

function parseFields(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
