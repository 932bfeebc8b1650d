import type { Operator } from "../types.ts";
import { arithmetic, offByOne, unarySigns } from "./arithmetic.ts";
import { argumentLists, conversions } from "./calls.ts";
import { comparisons, conditionParts, negations } from "./comparison.ts";
import { constants, defaults, numbers, strings } from "./literals.ts";
import { chains, properties, variables } from "./names.ts";
import { regexes } from "./regex.ts";
import { donors, guards, lateGuards, statementOrder } from "./statements.ts";

/** All repair operators by the name that a summary shows. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ["comparison or logical operator", comparisons],
  ["negated condition", negations],
  ["part of a condition", conditionParts],
  ["arithmetic or assignment operator", arithmetic],
  ["unary sign", unarySigns],
  ["off by one", offByOne],
  ["number", numbers],
  ["constant", constants],
  ["string", strings],
  ["default value", defaults],
  ["regular expression", regexes],
  ["variable", variables],
  ["method or property", properties],
  ["call or property chain", chains],
  ["arguments", argumentLists],
  ["conversion", conversions],
  ["statement", statementOrder],
  ["missing guard", guards],
  ["missing guard after an assignment", lateGuards],
  ["missing statement", donors],
]);
