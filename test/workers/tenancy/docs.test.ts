import { expect, test } from "vitest";
import * as z from "zod";
import { Client } from "../client.ts";

const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

async function page(): Promise<{ readonly html: string; readonly policy: string }> {
  const response = await new Client().send("GET", "/api/docs");
  expect(response.status).toBe(200);
  return { html: await response.text(), policy: response.headers.get("content-security-policy") ?? "" };
}

test("the API's page runs no script and loads nothing from anywhere", async () => {
  const { html, policy } = await page();
  expect(html).not.toMatch(/<script|<link|<iframe|<img|\son\w+=|https?:\/\//iu);
  const directives = new Map(
    policy.split(";").map((directive) => {
      const [name = "", ...values] = directive.trim().split(" ");
      return [name, values.join(" ")];
    }),
  );
  expect(directives.get("default-src")).toBe("'none'");
  expect(directives.get("style-src")).toMatch(/^'sha256-[A-Za-z0-9+/=]{44}'$/u);
  expect(directives.get("frame-ancestors")).toBe("'none'");
  expect([...directives.keys()].toSorted()).toEqual([
    "base-uri",
    "default-src",
    "form-action",
    "frame-ancestors",
    "style-src",
  ]);
});

test("the policy names the page's own style sheet", async () => {
  const { html, policy } = await page();
  const [, style = ""] = /<style>([^]*?)<\/style>/u.exec(html) ?? [];
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  expect(policy).toContain(`'sha256-${btoa(String.fromCharCode(...hash))}'`);
});

test("the API's page has every route of the API's document", async () => {
  const { html } = await page();
  const { paths } = await new Client().ask(documentSchema, 200, "GET", "/api/openapi.json");
  const text = html
    .replaceAll(/<[^>]*>/gu, "")
    .replaceAll("&quot;", '"')
    .replaceAll(/\s+/gu, " ");
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) expect(text).toContain(`${method.toUpperCase()} ${path}`);
});
