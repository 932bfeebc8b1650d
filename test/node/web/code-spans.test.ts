import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { CodeSpans } from "../../../web/components/code-spans.tsx";
import { Cause } from "../../../web/features/run/cause.tsx";

const shown = (text: string): string =>
  renderToStaticMarkup(createElement(CodeSpans, { text })).replaceAll(/ class="[^"]*"/gu, "");

test("a sentence of the product's own shows its code spans as code, and reads nothing else as Markdown", () => {
  expect(shown("One is tested by `npm test`, not `make`.")).toBe(
    "One is tested by <code>npm test</code>, not <code>make</code>.",
  );
  for (const plain of ["src/__init__.py and *.ts, lib/*.ts", "a ` alone", "``", "`a\nb`", "# 1. [x](y)"])
    expect(shown(plain)).toBe(plain);
});

test("it is inert, and what hides in it is written out", () => {
  expect(shown("`<img src=x>` <script>alert(1)</script>")).toBe(
    "<code>&lt;img src=x&gt;</code> &lt;script&gt;alert(1)&lt;/script&gt;",
  );
  expect(shown("a\u202eb")).not.toContain("\u202e");
});

test("the cause of a run that failed has its commands as code", () => {
  const html = renderToStaticMarkup(createElement(Cause, { state: "FAILED", text: "Tested by `npm test`." }));
  expect(html).toMatch(/^<p [^>]*>Tested by <code [^>]*>npm test<\/code>\.<\/p>$/u);
});
