import { describe, expect, it } from "vitest";
import { rangeIncludes } from "../../../domain/packages/ranges.ts";
import type { Ecosystem } from "../../../domain/packages/types.ts";
import { bumpOf, isEnough, neededFrom, raised, type Bump, type Need } from "../../../domain/packages/versions.ts";

describe("the bump between two versions", () => {
  it.each<[Ecosystem, string | undefined, string | undefined, Bump]>([
    ["npm", "1.4.0", "1.4.0", "none"],
    ["npm", "1.4.0", "1.4.1", "patch"],
    ["npm", "1.4.0", "1.5.0", "minor"],
    ["npm", "1.4.9", "2.0.0", "major"],
    ["npm", "1.4.0", "1.3.9", "lower"],
    ["npm", "1.4.0", "1.4.0-rc.1", "lower"],
    ["npm", "2.0.0-rc.1", "2.0.0-rc.2", "patch"],
    ["npm", "1.4.0", "2.0.0-rc.1", "major"],
    ["npm", "1.4.0", "1.4", "invalid"],
    ["npm", "1.4.0", "latest", "invalid"],
    ["npm", "1.4.0", "", "invalid"],
    ["npm", "1.4.0", undefined, "invalid"],
    ["npm", undefined, "1.0.0", "none"],
    ["npm", "oops", "1.0.0", "none"],
    ["npm", undefined, undefined, "none"],
    ["npm", "1.0.0", "99999999999999999999.0.0", "invalid"],
    ["npm", "1.0.0+a", "1.0.0+b", "none"],
    ["pypi", "1.4", "1.4.0", "none"],
    ["pypi", "1.4", "1.4.1", "patch"],
    ["pypi", "1.4", "1.5", "minor"],
    ["pypi", "1.4", "2", "major"],
    ["pypi", "1.4.0", "1.4.0.post1", "patch"],
    ["pypi", "1.4.0", "1.4.0rc1", "lower"],
    ["pypi", "1.4.0a1", "1.4.0b1", "patch"],
    ["pypi", "1.4.0.dev3", "1.4.0a1", "patch"],
    ["pypi", "1.4.0rc1", "1.4.0.dev1", "lower"],
    ["pypi", "1.4.0", "one", "invalid"],
    ["pypi", "1.4.0", undefined, "none"],
    ["go", undefined, undefined, "none"],
  ])("%s %s to %s is %s", (ecosystem, from, to, expected) => {
    expect(bumpOf(ecosystem, from, to)).toBe(expected);
  });
});

describe("the version that a change needs", () => {
  it.each<[Ecosystem, string, Need, Need, string]>([
    ["npm", "1.4.0", "major", "major", "2.0.0"],
    ["npm", "1.4.0", "minor", "minor", "1.5.0"],
    ["npm", "1.4.2", "patch", "patch", "1.4.3"],
    ["npm", "0.4.2", "major", "minor", "0.5.0"],
    ["npm", "0.4.2", "minor", "patch", "0.4.3"],
    ["npm", "0.4.2", "patch", "patch", "0.4.3"],
    ["npm", "0.0.3", "major", "patch", "0.0.4"],
    ["npm", "2.0.0-rc.1", "major", "patch", "2.0.0"],
    ["npm", "1.4.0", "none", "none", "1.4.0"],
    ["pypi", "1.4", "major", "major", "2.0.0"],
    ["pypi", "0.4", "major", "minor", "0.5.0"],
  ])("%s %s with a %s change needs %s: %s", (ecosystem, from, change, needed, next) => {
    expect(neededFrom(ecosystem, from, change)).toBe(needed);
    expect(raised(ecosystem, from, needed)).toBe(next);
    expect(isEnough(bumpOf(ecosystem, from, raised(ecosystem, from, needed)), needed)).toBe(true);
  });

  it.each<[Bump, Need, boolean]>([
    ["none", "none", true],
    ["none", "patch", false],
    ["minor", "patch", true],
    ["minor", "major", false],
    ["lower", "patch", false],
    ["invalid", "patch", false],
  ])("%s for %s: %s", (bump, need, expected) => {
    expect(isEnough(bump, need)).toBe(expected);
  });
});

const yes = { satisfied: true, isKnown: true };
const no = { satisfied: false, isKnown: true };
const open = { satisfied: true, isKnown: false };

describe("whether a range includes a version", () => {
  it.each<[Ecosystem, string, string | undefined, typeof yes]>([
    ["npm", "^1.2.0", "1.4.0", yes],
    ["npm", "^1.2.0", "2.0.0", no],
    ["npm", "^0.4.0", "0.5.0", no],
    ["npm", "^0.0.3", "0.0.4", no],
    ["npm", "", "9.0.0", yes],
    ["npm", "*", "9.0.0", yes],
    ["npm", "1 || 2", "2.1.0", yes],
    ["npm", ">=1 <2", "2.0.0-rc.1", no],
    ["npm", "workspace:*", "2.0.0", open],
    ["npm", "file:../units", "2.0.0", open],
    ["npm", "latest", "2.0.0", open],
    ["npm", "^1.2.0", "1.4", open],
    ["npm", "^1.2.0", undefined, open],
    ["npm", `${">=1 ".repeat(90)}`, "1.0.0", open],
    ["go", "v1.2.0", "v1.4.0", yes],
    ["go", "v1.4.0", "v1.2.0", no],
    ["go", "v1.2.0", "v2.0.0", no],
    ["go", "../units", "v1.0.0", open],
    ["go", "v1.2.0", undefined, open],
    ["pypi", "==1.4.0", "1.4", yes],
    ["pypi", "==1.4.*", "1.4.9", yes],
    ["pypi", "==1.4.*", "1.5", no],
    ["pypi", "!=1.4", "1.4.0", no],
    ["pypi", ">=1.2,<2", "1.9", yes],
    ["pypi", ">=1.2,<2", "2.0", no],
    ["pypi", "<=1.2", "1.2.0", yes],
    ["pypi", ">1.2", "1.2.0", no],
    ["pypi", "~=1.4.2", "1.4.9", yes],
    ["pypi", "~=1.4.2", "1.5.0", no],
    ["pypi", "~=1.4", "1.9", yes],
    ["pypi", "~=1.4", "2.0", no],
    ["pypi", "~=1", "1.0", open],
    ["pypi", "^1.2", "1.9.0", yes],
    ["pypi", "^1.2", "2.0.0", no],
    ["pypi", "^0.2.3", "0.3.0", no],
    ["pypi", "^0.0", "0.0.9", yes],
    ["pypi", "~1.2", "1.2.9", yes],
    ["pypi", "~1.2", "1.3.0", no],
    ["pypi", "1.2", "1.2.0", yes],
    ["pypi", "", "7", yes],
    ["pypi", "*", "7", yes],
    ["pypi", ">=1.2rc1", "1.2", open],
    ["pypi", ">=1.2", "1.3rc1", open],
    ["pypi", "@ https://e.com/u.whl", "1.0", open],
    ["pypi", ">=3,===x", "1.0", no],
  ])("%s %j and %s", (ecosystem, range, version, expected) => {
    expect(rangeIncludes(ecosystem, range, version)).toEqual(expected);
  });
});
