import type { SyntaxNode, Visit } from "../syntax.ts";
import type { Mismatch } from "../../../../domain/run/test-failures.ts";
import type { Pools } from "./pools.ts";

/** A change of one stretch of a file's text, in UTF-16 offsets. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The suggestion of an operator: an edit and how likely such an edit is a repair, from 0 to 1, wherever it is made. */
export interface Proposal extends TextEdit {
  readonly prior: number;
  /** Offset of the code that the edit is about, when that isn't the node itself: a guard is about the body behind it. */
  readonly about?: number;
}

/** The data about a file that operators get besides the node at hand. */
export interface FileContext {
  readonly path: string;
  readonly text: string;
  readonly root: SyntaxNode;
  readonly pools: Pools;
  readonly mismatches: readonly Mismatch[];
  /** A test wanted an exception that did not come. */
  readonly exceptionMissing: boolean;
}

/** Suggests edits at one node. Pure: the same node gives the same suggestions. */
export type Operator = (visit: Visit, context: FileContext) => Iterable<Proposal>;

/** A proposal with its place, ranked. */
export interface Candidate extends TextEdit {
  readonly path: string;
  readonly line: number;
  readonly operator: string;
  readonly score: number;
}

/** The source text of a node. */
export function textOf(context: FileContext, node: SyntaxNode): string {
  return context.text.slice(node.start, node.end);
}

/** A proposal that replaces a node. */
export function replace(node: SyntaxNode, text: string, prior: number): Proposal {
  return { start: node.start, end: node.end, text, prior };
}

/** The operator sign between two operand nodes, found past parentheses and comments. */
export function between(
  context: FileContext,
  left: SyntaxNode,
  right: SyntaxNode,
  sign: string,
): { start: number; end: number } | undefined {
  const gap = context.text
    .slice(left.end, right.start)
    .replace(/\/\*[^]*?\*\/|\/\/[^\n]*/gu, (comment) => " ".repeat(comment.length));
  const at = gap.indexOf(sign);
  return at === -1 ? undefined : { start: left.end + at, end: left.end + at + sign.length };
}
