import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Failure } from "../../../web/components/ui/notices.tsx";
import { ApiError } from "../../../web/lib/api.ts";

function shown(retryAtMs: number | null): string {
  const error = new ApiError({
    code: "rate_limited",
    status: 429,
    title: "Too many requests",
    detail: "This request started none.",
    requestId: "req-1",
    retryAtMs,
  });
  return renderToStaticMarkup(createElement(Failure, { error, kept: "Your draft is kept.", onRetry: () => undefined }));
}
const button = (html: string): string => /<button(?:(?!<button).)*Try again.*?<\/button>/su.exec(html)?.[0] ?? "";

test("a refusal that names a time counts down to it, says what was kept, and offers another try from then on", () => {
  const waiting = shown(Date.now() + 42_000);
  expect(waiting).toContain("This request started none. Your draft is kept.");
  expect(button(waiting)).toMatch(/ disabled="".*Try again in 4[23] s/su);
  // The seconds stand outside of the alert: a screen reader would read each of them.
  expect(/role="alert".*?<\/div>/su.exec(waiting)?.[0]).not.toContain("Try again in");
  expect(button(shown(Date.now() - 1_000))).not.toContain("disabled=");
});

test("a refusal that names no time may be tried again at once", () => {
  expect(button(shown(null))).not.toContain("disabled=");
  expect(button(shown(null))).not.toContain("Try again in");
});
