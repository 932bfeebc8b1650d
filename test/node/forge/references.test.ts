import { expect, test } from "vitest";
import { withReferences } from "../../../local/forge/pages/html.ts";

test("a reference in a person's text becomes a link, and all else is escaped", () => {
  expect(withReferences("- lime-labs/lime-units#7: <b>merge it first</b>").markup).toBe(
    '- <a href="/lime-labs/lime-units/pull/7">lime-labs/lime-units#7</a>: &lt;b&gt;merge it first&lt;/b&gt;',
  );
});

test.each(["no/number#", "#7", "a/b/c#7", "a/b#7x", "https://forge/a/b#7"])("%s is no reference", (text) => {
  expect(withReferences(text).markup).toBe(text);
});
