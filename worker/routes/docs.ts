import { html, raw } from "hono/html";
import * as z from "zod";
import { sha256Bytes } from "../../domain/hash.ts";
import { toBase64 } from "../base64.ts";
import type { ApiApp } from "./shared.ts";

const contentSchema = z.record(z.string(), z.object({ schema: z.unknown() })).optional();

/** The parts of an OpenAPI document that the page shows. https://spec.openapis.org/oas/v3.1.0 */
const documentSchema = z.object({
  info: z.object({ title: z.string(), version: z.string() }),
  components: z.object({ schemas: z.record(z.string(), z.unknown()).default({}) }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        tags: z.array(z.string()).default(["Other"]),
        summary: z.string().default(""),
        "x-permission": z.array(z.string()).default([]),
        parameters: z
          .array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional(), schema: z.unknown() }))
          .default([]),
        requestBody: z.object({ content: contentSchema }).optional(),
        responses: z.record(z.string(), z.object({ description: z.string().default(""), content: contentSchema })),
      }),
    ),
  ),
});
type ApiDocument = z.infer<typeof documentSchema>;
type Operation = ApiDocument["paths"][string][string];
type Part = ReturnType<typeof html>;

const style = `
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
pre { overflow: auto; padding: .75rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); font-size: 13px }
summary { cursor: pointer; padding: .25rem 0 }
summary code { font-weight: 600 }
section { margin: .25rem 0 1rem 1rem }
`;

/** Written as one piece: the policy names the hash of the very text between the tags. */
const styleTag = raw(`<style>${style}</style>`);

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${toBase64(sha256Bytes(style))}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A schema as JSON; references are links to the schemas at the page's end. */
function schemaText(schema: unknown): Part {
  const parts = JSON.stringify(schema, null, 2).split(/"#\/components\/schemas\/([^"]+)"/u);
  return html`<pre>
${parts.map((part, index) => (index % 2 === 0 ? part : html`<a href="#schema-${part}">${part}</a>`))}</pre>`;
}

function contentOf(content: z.infer<typeof contentSchema>): readonly Part[] {
  return Object.entries(content ?? {}).map(
    ([type, { schema }]) =>
      html`<p>${type}</p>
        ${schemaText(schema)}`,
  );
}

function operationOf(path: string, method: string, operation: Operation): Part {
  const { parameters, requestBody, responses, summary } = operation;
  const permissions = operation["x-permission"];
  return html`<details>
    <summary><code>${method.toUpperCase()} ${path}</code> ${summary}</summary>
    <section>
      ${permissions.length === 0 ? "" : html`<p>Permission: ${permissions.join(" or ")}</p>`}
      ${parameters.map(
        ({ in: place, name, required, schema }) =>
          html`<p><code>${name}</code> in ${place}${required === true ? ", required" : ""}</p>
            ${schemaText(schema)}`,
      )}
      ${
        requestBody === undefined
          ? ""
          : html`<h4>Body</h4>
              ${contentOf(requestBody.content)}`
      }
      ${Object.entries(responses).map(
        ([status, { content, description }]) =>
          html`<h4>${status} ${description}</h4>
            ${contentOf(content)}`,
      )}
    </section>
  </details>`;
}

/** The page over the document: static, without a script, since it is opened with the session's cookie. */
function pageOf({ components, info, paths }: ApiDocument): Part {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? "Other"))];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${info.title} API</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${styleTag}
      </head>
      <body>
        <h1>${info.title} API ${info.version}</h1>
        <p>The same as <a href="/api/openapi.json">an OpenAPI 3.1 document</a>.</p>
        ${tags.map(
          (tag) =>
            html`<h2>${tag}</h2>
              ${operations
                .filter(({ operation }) => (operation.tags[0] ?? "Other") === tag)
                .map(({ method, operation, path }) => operationOf(path, method, operation))}`,
        )}
        <h2>Schemas</h2>
        ${Object.entries(components.schemas).map(
          ([name, schema]) =>
            html`<details id="schema-${name}">
              <summary><code>${name}</code></summary>
              ${schemaText(schema)}
            </details>`,
        )}
      </body>
    </html>`;
}

/** `GET /api/docs`: public, a page over the API's document. `documentOf` makes that for a version of the deployment. */
export function registerDocs(app: ApiApp, documentOf: (version: string) => unknown): void {
  app.get("/api/docs", (c) => {
    c.header("content-security-policy", policy);
    return c.html(pageOf(documentSchema.parse(documentOf(c.var.deps.deployment.version))));
  });
}
