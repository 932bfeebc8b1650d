import { compare, parse, satisfies, validRange } from "semver";
import type { Ecosystem } from "./types.ts";
import { compareNumbers } from "./versions.ts";

/** Whether a range includes a version; `isKnown` is false, and `satisfied` true, where that is unknown. */
export interface RangeAnswer {
  readonly satisfied: boolean;
  readonly isKnown: boolean;
}

const unknown: RangeAnswer = { satisfied: true, isKnown: false };

/**
 * Whether a consumer's range includes a version. npm: as npm itself does. Go: a version of the same major number that
 * is not lower, since Go takes the highest one that is asked for (https://go.dev/ref/mod#minimal-version-selection).
 * PyPI: comparisons with plain releases (PEP 440) and Poetry's `^` and `~`. Folders, URLs, tags and the rest cannot
 * be told.
 */
export function rangeIncludes(ecosystem: Ecosystem, range: string, version: string | undefined): RangeAnswer {
  if (version === undefined || range.length > 256) return unknown;
  if (ecosystem === "npm") return npmIncludes(range, version);
  return ecosystem === "go" ? goIncludes(range, version) : pythonIncludes(range, version);
}

function npmIncludes(range: string, version: string): RangeAnswer {
  if (validRange(range) === null || parse(version) === null) return unknown;
  return known(satisfies(version, range));
}

function goIncludes(range: string, version: string): RangeAnswer {
  const lowest = range.startsWith("v") ? parse(range) : null;
  const offered = version.startsWith("v") ? parse(version) : null;
  if (lowest === null || offered === null) return unknown;
  return known(offered.major === lowest.major && compare(offered, lowest) >= 0);
}

function pythonIncludes(range: string, version: string): RangeAnswer {
  const offered = release(version);
  if (offered === undefined) return unknown;
  const answers = range.trim() === "" ? [] : range.split(",").map((clause) => clauseIncludes(clause.trim(), offered));
  if (answers.includes(false)) return known(false);
  return answers.includes(undefined) ? unknown : known(true);
}

type Numbers = readonly number[];

/** Undefined when the clause compares with something else than a plain release. */
function clauseIncludes(clause: string, offered: Numbers): boolean | undefined {
  if (clause === "*") return true;
  const [, operator = "==", text = "", star] = /^(==|!=|<=|>=|~=|<|>|\^|~)?\s*([\d.]+?)(\.\*)?$/u.exec(clause) ?? [];
  const asked = release(text);
  if (asked === undefined) return undefined;
  const isPrefix = asked.every((number, index) => number === (offered[index] ?? 0));
  if (star !== undefined) return operator === "==" ? isPrefix : operator === "!=" ? !isPrefix : undefined;
  const order = compareNumbers(offered, asked);
  const below = (end: Numbers): boolean => order >= 0 && compareNumbers(offered, end) < 0;
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    case "~=":
      return asked.length < 2 ? undefined : below(raisedAt(asked, asked.length - 2));
    case "~":
      return below(raisedAt(asked, Math.min(1, asked.length - 1)));
    case "^": {
      const first = asked.findIndex((number) => number > 0);
      return below(raisedAt(asked, first === -1 ? asked.length - 1 : first));
    }
    default:
      return undefined;
  }
}

/** The numbers up to the index, the last of them one higher: where a compatible range ends. */
function raisedAt(numbers: Numbers, index: number): Numbers {
  return numbers.slice(0, index + 1).map((number, at) => (at === index ? number + 1 : number));
}

function release(text: string): Numbers | undefined {
  return /^\d+(?:\.\d+)*$/u.test(text) ? text.split(".").map(Number) : undefined;
}

function known(satisfied: boolean): RangeAnswer {
  return { satisfied, isKnown: true };
}
