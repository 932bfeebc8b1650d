import { describe, expect, it } from "vitest";
import { exportedNames } from "../../../domain/packages/exported-names.ts";
import type { Ecosystem } from "../../../domain/packages/types.ts";

const names = (ecosystem: Ecosystem, path: string, text: string): readonly string[] =>
  [...exportedNames(ecosystem, path, text)].toSorted();

describe("JavaScript and TypeScript", () => {
  it.each<[string, readonly string[]]>([
    ["export function toMetres() {}", ["toMetres"]],
    ["export async function load() {}", ["load"]],
    ["export function* walk() {}", ["walk"]],
    ["export const a = 1;", ["a"]],
    ["export let $b: number;", ["$b"]],
    ["export var _c;", ["_c"]],
    ["export class D {}", ["D"]],
    ["export abstract class E {}", ["E"]],
    ["export type F = string;", ["F"]],
    ["export interface G {}", ["G"]],
    ["export enum H {}", ["H"]],
    ["export const enum I {}", ["I"]],
    ["export declare const J: number;", ["J"]],
    ["export default function () {}", ["default"]],
    ["export = units;", ["default"]],
    ["export { a as b, c, type D };", ["D", "b", "c"]],
    ["export {a};", ["a"]],
    ["export{a as default}", ["default"]],
    ["export {\n  a, // , x\n  b as c, /* y */\n} from './m';", ["a", "c"]],
    ["export type { T } from './t';", ["T"]],
    ["export * as units from './units';", ["units"]],
    ["export * from './units';", ["export * (1)"]],
    ["export const { GET, post: POST, ...rest } = handlers;", ["GET", "POST", "rest"]],
    ["export const über = 1;", ["über"]],
    ["module.exports.x = 1;", ["x"]],
    ["exports.y = exports.z = void 0;", ["y", "z"]],
    ["if (exports.y === 1) {}", []],
    ["module.exports = { a, b: { c: 1 }, 'd': [e, f], async g() { return h; }, ...rest };", ["a", "b", "d", "g"]],
    ["module.exports = units;", ["default"]],
    ["module.exports = { text: 'a, b }', c };", ["c", "text"]],
    ["// export const no = 1;", []],
    ["/*\nexport const no = 1;\n*/\nexport const yes = 1;", ["yes"]],
    ["/** Doc. */ export const yes = 1;", ["yes"]],
    ["  export const nested = 1;", ["nested"]],
    ["const exported = 1;\nimport { a } from 'b';", []],
    ["export { __proto__, constructor };", ["__proto__", "constructor"]],
    ["export { a, b", ["a", "b"]],
    ["export { a }\nexport { b }", ["a", "b"]],
    ["", []],
  ])("%j exports %j", (text, expected) => {
    expect(names("npm", "src/index.ts", text)).toEqual(expected);
  });

  it.each(["a.js", "a.mjs", "a.cjs", "a.jsx", "a.tsx", "a.mts", "a.d.ts"])("reads %s", (path) => {
    expect(names("npm", path, "export const a = 1")).toEqual(["a"]);
  });

  it.each(["a.css", "a.ts.txt", "src/internal/a.ts", "a.py"])("reads no %s", (path) => {
    expect(names("npm", path, "export const a = 1")).toEqual([]);
  });
});

describe("Go", () => {
  it.each<[string, readonly string[]]>([
    ["func ToMetres(x int) int {", ["ToMetres"]],
    ["func toMetres() {", []],
    ["func Map[T any](x T) T {", ["Map"]],
    ["func (u Unit) Name() string {", ["Unit.Name"]],
    ["func (s *Set[T]) Add(x T) {", ["Set.Add"]],
    ["func (u unit) Name() string {", []],
    ["type Unit struct {\n\tName string\n}", ["Unit"]],
    ["var A, b, C = 1, 2, 3", ["A", "C"]],
    ["const Max int = 3", ["Max"]],
    ["const (\n\tOne = iota\n\ttwo\n\tThree\n)\nvar X int", ["One", "Three", "X"]],
    ["type (\n\tA struct {\n\t\tField int\n\t}\n\tB int\n)", ["A", "B"]],
    ["var F func(A, B int)", ["F"]],
    ["// func No() {", []],
    ["package main\nfunc Run() {}", []],
  ])("%j exports %j", (text, expected) => {
    expect(names("go", "units.go", text)).toEqual(expected);
  });

  it("tells the packages of a module apart", () => {
    expect(names("go", "convert/a.go", "func ToMetres() {}")).toEqual(["convert.ToMetres"]);
    expect(names("go", "internal/a.go", "func ToMetres() {}")).toEqual([]);
  });
});

describe("Python", () => {
  it.each<[string, readonly string[]]>([
    ["def to_metres(x):\n    y = 1", ["to_metres"]],
    ["async def load(): ...", ["load"]],
    ["class Unit(Base):\n    def name(self): ...", ["Unit"]],
    ["MAX = 1\nmin: int = 2\n_hidden = 3", ["MAX", "min"]],
    ["x == 1\nx += 1\nimport y", []],
    ["__all__ = ['a', \"b\"]\ndef c(): ...", ["a", "b"]],
    ["__all__ = [\n  'a',  # 'x'\n  'b',\n]\n__all__ += ['c']", ["a", "b", "c"]],
    ["__all__: list[str] = ('a',)", ["a"]],
    ["__all__ = []\ndef a(): ...", []],
    ['"""\ndef no(): ...\n"""\ndef yes(): ...', ["yes"]],
    ["'''one line'''\ndef yes(): ...", ["yes"]],
    ["# def no(): ...", []],
    ["from .convert import a, b as c", []],
  ])("%j offers %j", (text, expected) => {
    expect(names("pypi", "units/convert.py", text)).toEqual(expected);
  });

  it("takes what a package imports from itself for its own", () => {
    const text = "from .convert import a, b as c\nfrom . import (\n    d,  # d\n    _e,\n)\nfrom os import path\n";
    expect(names("pypi", "units/__init__.py", text)).toEqual(["a", "c", "d"]);
  });

  it("takes nothing from a private module", () => {
    expect(names("pypi", "units/_impl.py", "def a(): ...")).toEqual([]);
  });
});
