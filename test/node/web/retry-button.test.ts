import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { RetryButton } from "../../../web/components/ui/retry-button.tsx";

const shown = (atMs: number | null): string =>
  renderToStaticMarkup(createElement(RetryButton, { atMs, onRetry: () => undefined }));

test("a refusal that names a time counts down to it and offers another try from then on", () => {
  const waiting = shown(Date.now() + 42_000);
  expect(waiting).toContain('disabled=""');
  expect(waiting).toMatch(/Try again in 4[23] s</u);
  expect(shown(Date.now() - 1_000)).not.toContain("disabled=");
});

test("a refusal that names no time may be tried again at once", () => {
  expect(shown(null)).not.toContain("disabled=");
  expect(shown(null)).toContain("Try again<");
});
