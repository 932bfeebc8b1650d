import type { Example } from "./examples.ts";
import type { Binding, TestStyle } from "./style.ts";

/** The facts that are needed to write a test for examples. */
export interface TestText {
  readonly style: TestStyle;
  readonly examples: readonly Example[];
  /** The import of each callee; callees that are in scope already are left out. */
  readonly imports: readonly (Binding & { readonly name: string })[];
  /** Whether the framework's own imports (`test`, `assert`) are in scope already. */
  readonly append: boolean;
  /** Callees that return promises. */
  readonly asynchronous: ReadonlySet<string>;
}

/** The text of a test file, or of what is appended to one; without a line break at its end. */
export function renderTest(input: TestText): string {
  const head = input.append ? [] : frameworkImports(input.style);
  const imports = [...head, ...input.imports.map((binding) => importLine(binding, input.style))];
  const tests = input.examples.map((example) => renderExample(example, input));
  const separator = input.style.framework === "plain" ? "\n" : "\n\n";
  const text = [...(imports.length > 0 ? [imports.join("\n")] : []), tests.join(separator)].join("\n\n");
  return input.style.semicolons ? text : text.replace(/;$/gmu, "");
}

function frameworkImports({ framework, module, quote, expectSource }: TestStyle): readonly string[] {
  const line = (what: string, source: string): string =>
    module === "esm"
      ? `import ${what} from ${quote}${source}${quote};`
      : `const ${what} = require(${quote}${source}${quote});`;
  if (framework === "node:test") return [line("assert", "node:assert/strict"), line("{ test }", "node:test")];
  if (framework === "tape") return [line("test", "tape")];
  if (framework === "expect") return expectSource === undefined ? [] : [line("{ expect, test }", expectSource)];
  return [line("assert", "assert")];
}

function importLine(binding: Binding & { readonly name: string }, { module, quote }: TestStyle): string {
  const source = quote + binding.source + quote;
  const what =
    binding.kind === "named"
      ? `{ ${binding.name} }`
      : binding.kind === "namespace" && module === "esm"
        ? `* as ${binding.name}`
        : binding.name;
  return module === "esm" ? `import ${what} from ${source};` : `const ${what} = require(${source});`;
}

function renderExample(example: Example, input: TestText): string {
  const { framework, quote } = input.style;
  const waits = input.asynchronous.has(example.callee);
  const body = assertion(example, input, waits);
  const title = quoted(titleOf(example), quote);
  const arrow = waits ? "async () =>" : "() =>";
  switch (framework) {
    case "plain":
      return waits ? `(async () => {\n  ${body}\n})();` : body;
    case "tape":
      return `test(${title}, ${waits ? "async function (t)" : "function (t)"} {\n  ${body}\n  t.end();\n});`;
    case "mocha":
      return `it(${title}, ${arrow} {\n  ${body}\n});`;
    default:
      return `test(${title}, ${arrow} {\n  ${body}\n});`;
  }
}

function assertion(example: Example, { style }: TestText, waits: boolean): string {
  const { framework } = style;
  const subject = example.kind === "assertion" ? "" : `${waits ? "await " : ""}${example.call}`;
  if (example.kind === "assertion") return `${example.code.replace(/;\s*$/u, "")};`;
  if (example.kind === "throws") {
    if (framework === "expect")
      return waits
        ? `await expect(${example.call}).rejects.toThrow(${example.error});`
        : `expect(() => ${example.call}).toThrow(${example.error});`;
    const throws = waits ? "await assert.rejects" : "assert.throws";
    return framework === "tape"
      ? `t.throws(function () { ${example.call}; }, ${example.error});`
      : `${throws}(() => ${example.call}, ${example.error});`;
  }
  if (framework === "expect") return `expect(${subject}).toEqual(${example.expected});`;
  if (framework === "tape") return `t.deepEqual(${subject}, ${example.expected});`;
  return `assert.deepStrictEqual(${subject}, ${example.expected});`;
}

function titleOf(example: Example): string {
  if (example.kind === "returns") return `${example.call} returns ${example.expected}`;
  return example.kind === "throws"
    ? `${example.call} throws ${example.error}`
    : `${example.callee} keeps what was asked for`;
}

function quoted(text: string, quote: '"' | "'"): string {
  return quote + text.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`) + quote;
}
