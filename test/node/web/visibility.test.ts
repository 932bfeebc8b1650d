import { describe, expect, test } from "vitest";
import type { Connector } from "../../../contracts/connector.ts";
import { hiddenText, visibilityText } from "../../../web/lib/visibility.ts";

const connector: Connector = {
  id: "1",
  kind: "github",
  installationId: "7",
  accountLogin: "lime",
  repositoryCount: 5,
  createdAtMs: 1,
  visibility: { state: "member", seenCount: 3, answeredAtMs: 2, problem: null },
};
const withVisibility = (visibility: Partial<NonNullable<Connector["visibility"]>>): string | null =>
  visibilityText({
    ...connector,
    visibility: { state: "member", seenCount: 3, answeredAtMs: 2, problem: null, ...visibility },
  });

describe("the visibility of an installation, in words", () => {
  test("says how many of its repositories a person sees, and why not all", () => {
    expect(withVisibility({ seenCount: 5 })).toBe("You see all its 5 repositories.");
    expect(withVisibility({})).toContain("3 of its 5 repositories");
    expect(withVisibility({ state: "outside" })).toContain("not let into lime");
    expect(withVisibility({ state: "unknown", answeredAtMs: null })).toContain("GitHub has not answered yet");
  });

  test("tells a question that got no answer", () => {
    expect(withVisibility({ problem: "Sign in again." })).toContain("Sign in again.");
    expect(withVisibility({ state: "unknown", problem: "Sign in again." })).toContain("Sign in again.");
  });

  test("says nothing of an actor that is no person", () => {
    expect(visibilityText({ ...connector, visibility: null })).toBeNull();
  });
});

test("hidden repositories of a project are counted, never named", () => {
  expect(hiddenText(0)).toBeNull();
  expect(hiddenText(1)).toContain("One more repository");
  expect(hiddenText(2)).toContain("2 more repositories");
});
