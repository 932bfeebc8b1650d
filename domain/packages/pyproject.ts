import { parse } from "smol-toml";
import { asRecord, maxTextLength, ownValue, shownWord } from "./text.ts";
import type { Dependency, DependencyKind, Manifest } from "./types.ts";

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
const lawfulName = /^[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?$/iu;
const maxNameLength = 214;
/** A manifest nests three deep; the limit keeps a hostile one from filling the stack. */
const maxDepth = 32;

type Table = Readonly<Record<string, unknown>> | undefined;

/**
 * The facts of a pyproject.toml: those of PEP 621's `[project]`, and of `[tool.poetry]` where they are only there.
 * Names are normalised (PEP 503). Undefined when it is no TOML or has no lawful name. A dynamic version is undefined.
 */
export function readPyproject(path: string, text: string): Manifest | undefined {
  const root = readToml(text);
  const project = asRecord(ownValue(root, "project"));
  const poetry = asRecord(ownValue(asRecord(ownValue(root, "tool")), "poetry"));
  const name = normalName(ownValue(project, "name") ?? ownValue(poetry, "name"));
  if (name === undefined) return undefined;
  const version = ownValue(project, "version") ?? ownValue(poetry, "version");
  return {
    ecosystem: "pypi",
    path,
    name,
    version: typeof version === "string" ? shownWord(version) : undefined,
    dependencies: merged(projectDependencies(project), poetryDependencies(poetry)),
  };
}

/** Poetry 2 names a dependency of `[project]` a second time to say where it comes from. */
function merged(standard: readonly Dependency[], poetry: readonly Dependency[]): readonly Dependency[] {
  const named = new Set(standard.map(({ name }) => name));
  return [...standard, ...poetry.filter(({ name }) => !named.has(name))];
}

function readToml(text: string): Table {
  if (text.length > maxTextLength) return undefined;
  try {
    return asRecord(parse(text, { maxDepth }));
  } catch {
    return undefined;
  }
}

function projectDependencies(project: Table): readonly Dependency[] {
  const extras = Object.values(asRecord(ownValue(project, "optional-dependencies")) ?? {});
  return [
    ...requirements(ownValue(project, "dependencies"), "runtime"),
    ...extras.flatMap((list) => requirements(list, "optional")),
  ];
}

function requirements(list: unknown, kind: DependencyKind): readonly Dependency[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    const read = typeof item === "string" ? requirement(item) : undefined;
    return read === undefined ? [] : [{ ...read, kind }];
  });
}

/** `Acme_Units[extra] >=1.2,<2 ; python_version > "3.8"` (PEP 508): the marker and the extras are left out. */
function requirement(text: string): Omit<Dependency, "kind"> | undefined {
  const bounded = text.slice(0, 1000);
  const [, written, rest] = /^\s*([A-Z0-9._-]+)(.*)$/isu.exec(bounded) ?? [];
  const name = normalName(written);
  if (name === undefined || rest === undefined) return undefined;
  const afterExtras = rest.trimStart().startsWith("[") ? rest.slice(rest.indexOf("]") + 1) : rest;
  const [specifier = ""] = afterExtras.split(";", 1);
  const bare = specifier.trim();
  return { name, range: shownWord(bare.startsWith("(") && bare.endsWith(")") ? bare.slice(1, -1) : bare) };
}

function poetryDependencies(poetry: Table): readonly Dependency[] {
  const groups = Object.values(asRecord(ownValue(poetry, "group")) ?? {});
  return [
    ...poetryTable(ownValue(poetry, "dependencies"), "runtime"),
    ...poetryTable(ownValue(poetry, "dev-dependencies"), "development"),
    ...groups.flatMap((group) => poetryTable(ownValue(asRecord(group), "dependencies"), "development")),
  ];
}

function poetryTable(table: unknown, kind: DependencyKind): readonly Dependency[] {
  return Object.entries(asRecord(table) ?? {}).flatMap(([key, value]) => {
    const name = normalName(key);
    if (name === undefined || name === "python") return [];
    const choices: readonly unknown[] = Array.isArray(value) ? value : [value];
    return choices.flatMap((choice) => {
      const isOptional = ownValue(asRecord(choice), "optional") === true;
      const range = poetryRange(choice);
      return range === undefined ? [] : [{ name, range, kind: isOptional ? "optional" : kind }];
    });
  });
}

/** Poetry writes a version alone or in a table; a folder, a URL or a repository stands for itself. */
function poetryRange(choice: unknown): string | undefined {
  if (typeof choice === "string") return shownWord(choice);
  const table = asRecord(choice);
  if (table === undefined) return undefined;
  for (const key of ["version", "path", "git", "url"]) {
    const value = ownValue(table, key);
    if (typeof value === "string") return key === "version" ? shownWord(value) : shownWord(`${key}: ${value}`);
  }
  return "";
}

function normalName(name: unknown): string | undefined {
  if (typeof name !== "string" || name.length > maxNameLength || !lawfulName.test(name)) return undefined;
  return name.toLowerCase().replaceAll(/[._-]+/gu, "-");
}
