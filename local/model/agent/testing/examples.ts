import { child, isNode, parseExpressionText, parseFile, program, children, walk, word } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";

/** An example of wanted behaviour found in a request. */
export type Example =
  | { readonly kind: "returns"; readonly call: string; readonly callee: string; readonly expected: string }
  | { readonly kind: "throws"; readonly call: string; readonly callee: string; readonly error: string }
  | { readonly kind: "assertion"; readonly code: string; readonly callee: string };

/**
 * Examples in a request's text: lines such as "`f(1)` should return `2`", "`f(1)` returns `3` instead of `2`",
 * "`f(null)` should throw a TypeError", and `f(1) // 2` or assertions in fenced code. Only calls and values that parse as
 * JavaScript count.
 */
export function readExamples(text: string): readonly Example[] {
  const found: Example[] = [];
  const fences = [...text.matchAll(/^ {0,3}(`{3,})(\w*)[^\n]*\n([^]*?)^ {0,3}\1[ \t]*$/gmu)];
  for (const fence of fences)
    if (/^(?:|js|javascript|ts|typescript|mjs|cjs|jsx|tsx)$/u.test(fence[2] ?? ""))
      found.push(...fromCode(fence[3] ?? ""));
  let prose = text;
  for (const fence of fences) prose = prose.replace(fence[0], () => "");
  for (const line of prose.split(/\n|(?<=[.!?;])\s+(?=[A-Z`])/u)) found.push(...fromProse(line));
  const seen = new Map(found.map((example) => [JSON.stringify(example), example]));
  return [...seen.values()].slice(0, 20);
}

function fromCode(code: string): readonly Example[] {
  const found: Example[] = [];
  for (const line of code.split("\n")) {
    const commented =
      /^\s*(?:(?:const|let|var)\s+\w+\s*=\s*|console\.log\()?(.+?)\)?;?\s*(?:\/\/|=>|→|->)\s*(?:=>|→|->|===?|returns?|should (?:be|return|equal)|expected:?|gives?)?\s*:?\s*(.+?)\s*$/u.exec(
        line,
      );
    if (!commented) continue;
    const wanted = preferred(commented[2] ?? "");
    found.push(...returns(commented[1] ?? "", wanted), ...returns(`${commented[1] ?? ""})`, wanted));
  }
  const file = parseFile("example.ts", code);
  for (const statement of file ? children(program(file), "body") : []) {
    const assertion = assertionIn(statement, code);
    if (assertion) found.push(assertion);
  }
  return found;
}

/** "2, but it returns 3" and "3 (expected 2)": the wanted one. */
function preferred(text: string): string {
  return (
    /(?:expected|should (?:be|return|equal|give)|instead of|wanted):?\s*(.+?)\)?$/iu.exec(text)?.[1] ??
    text.replace(/\s*(?:,? but\b| \(|,? not\b|,? currently\b|,? actual).*$/iu, "")
  ).trim();
}

function assertionIn(statement: SyntaxNode, code: string): Example | undefined {
  if (statement.type !== "ExpressionStatement") return undefined;
  const call = child(statement, "expression");
  const callee = child(call, "callee");
  const root = word(rootOf(callee), "name");
  const args = children(call, "arguments");
  const method = word(child(callee, "property"), "name");
  if (call?.type !== "CallExpression" || args.length === 0) return undefined;
  const source = (node: SyntaxNode): string => code.slice(node.start, node.end);
  const [first, second] = args;
  if (
    root === "assert" &&
    /^(?:strictEqual|equal|deepEqual|deepStrictEqual|same|is)$/u.test(method) &&
    first &&
    second
  ) {
    return returns(source(first), source(second)).at(0);
  }
  if (root === "expect" && second === undefined) {
    const subject = children(rootCall(callee), "arguments").at(0);
    if (subject && first && /^to(?:Be|Equal|StrictEqual)$/u.test(method))
      return returns(source(subject), source(first)).at(0);
  }
  if (root !== "assert" || first === undefined) return undefined;
  const used = calleeIn(first);
  return used === undefined ? undefined : { kind: "assertion", code: source(statement), callee: used };
}

const callPattern = String.raw`\x60([A-Za-z_$][^\x60\n]*\))\x60|([A-Za-z_$][\w$.]*\([^()\n]*(?:\([^()]*\)[^()\n]*)*\))`;
const valuePattern = String.raw`\x60([^\x60\n]+)\x60|("[^"\n]*"|'[^'\n]*'|\[[^\n]*?\]|\{[^\n]*?\}|-?[\d_]+(?:\.\d+)?(?:e\d+)?|true|false|null|undefined|NaN)`;
const value = (text: RegExpExecArray, from: number): string => text[from] ?? text[from + 1] ?? "";

function fromProse(line: string): readonly Example[] {
  const thrown = new RegExp(
    `(?:${callPattern})[^\\x60\\n]*?\\b(?:should|must|ought to|has to|needs to)?\\s*(?:throws?|rejects? with)\\b(?:[^\\x60\\n]*?\\b([A-Z]\\w*Error)\\b)?`,
    "u",
  ).exec(line);
  const doesNot = /\b(?:not throw|throws? instead|but (?:it )?throws)\b/iu.test(line);
  if (thrown && !doesNot) {
    const call = value(thrown, 1);
    const callee = calleeOf(call);
    if (callee !== undefined)
      return [{ kind: "throws", call, callee, error: thrown[3] ?? /\b([A-Z]\w*Error)\b/u.exec(line)?.[1] ?? "Error" }];
  }
  const call = new RegExp(callPattern, "u").exec(line);
  if (!call) return [];
  const rest = line.slice(call.index + call[0].length);
  const before = line.slice(0, call.index);
  const wanted =
    new RegExp(
      `(?:instead of|rather than|(?:should|must|ought to|has to|needs to)(?: \\w+)? (?:be|return|give|equal|yield|produce|output|result in|evaluate to)|expected(?: it)?(?: to (?:be|equal|return))?|want(?:ed)?|is supposed to (?:be|return|give))\\s*:?\\s*(?:${valuePattern})`,
      "iu",
    ).exec(rest) ??
    new RegExp(`(?:returns?|gives?|equals?|yields?|===?|=>|→|->|\\|)\\s*:?\\s*(?:${valuePattern})`, "iu").exec(rest) ??
    (/\bexpect(?:ed|s)?\b/iu.test(before)
      ? new RegExp(`\\b(?:to (?:be|equal|return)|=)\\s*(?:${valuePattern})`, "iu").exec(rest)
      : null);
  // "returns 3, not 2" says what is wrong with "returns"; "expected 2" was matched first.
  return wanted ? returns(value(call, 1), value(wanted, 1)) : [];
}

function returns(call: string, expected: string): readonly Example[] {
  const clean = call.trim().replace(/^await /u, "");
  const wanted = expected.trim().replace(/[.;]$/u, "");
  const callee = calleeOf(clean);
  if (callee === undefined || !isValue(wanted)) return [];
  return [{ kind: "returns", call: clean, callee, expected: wanted }];
}

/** Root name of a call's callee: `parse` of `parse("1h")`, `lib` of `lib.parse("1h")`. */
function calleeOf(call: string): string | undefined {
  const node = parseExpressionText(call);
  if (node?.type !== "CallExpression" && node?.type !== "NewExpression") return undefined;
  const name = word(rootOf(child(node, "callee")), "name");
  return name === "" || /^(?:assert|expect|console|require|test|it)$/u.test(name) ? undefined : name;
}

function calleeIn(node: SyntaxNode): string | undefined {
  for (const visit of walk(node)) {
    const name = visit.node.type === "CallExpression" ? word(rootOf(child(visit.node, "callee")), "name") : "";
    if (name !== "" && name !== "assert") return name;
  }
  return undefined;
}

function rootOf(node: SyntaxNode | undefined): SyntaxNode | undefined {
  let at = node;
  while (at && (/MemberExpression$/u.test(at.type) || at.type === "CallExpression"))
    at = child(at, "object") ?? child(at, "callee");
  return at;
}

function rootCall(node: SyntaxNode | undefined): SyntaxNode | undefined {
  let at = node;
  while (at && at.type !== "CallExpression") at = child(at, "object");
  return at;
}

/** Literals, arrays, objects, `new Date(0)`, `-1`, `1 / 3`: an expression with no free names but well-known ones. */
function isValue(text: string): boolean {
  const node = text === "" ? undefined : parseExpressionText(text);
  if (node === undefined) return false;
  for (const visit of walk(node)) {
    if (visit.node.type !== "Identifier") continue;
    const parent = visit.ancestors.at(-1);
    const isKey =
      parent?.type === "ObjectProperty" && child(parent, "key") === visit.node && parent["shorthand"] !== true;
    if (
      !isKey &&
      !/^(?:undefined|NaN|Infinity|Date|Map|Set|Number|Math|UTC|Symbol|Buffer|from|POSITIVE_INFINITY|NEGATIVE_INFINITY|MAX_SAFE_INTEGER|EPSILON)$/u.test(
        word(visit.node, "name"),
      )
    )
      return false;
  }
  return isNode(node);
}
