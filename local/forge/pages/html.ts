import { bytes, type Answer } from "../http/answer.ts";

/** Markup that is safe to send: only `html` makes it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Value = Html | string | number | undefined | false | readonly Value[];

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function render(value: Value): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.markup;
  if (typeof value === "string" || typeof value === "number") return escape(String(value));
  return value.map(render).join("");
}

/** A template whose values are escaped, unless they are markup of this tag themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(strings.reduce((whole, part, position) => whole + render(values[position - 1]) + part));
}

/** A person's text, with references such as `lime-labs/lime-units#7` as links to that pull request, as GitHub shows them. */
export function withReferences(text: string): Html {
  // Every odd part is a reference.
  const parts = text.split(/(?<![\w./-])([\w-]{1,39}\/[\w.-]{1,100}#\d{1,9})\b/u);
  return html`${parts.map((part, index) => {
    if (index % 2 === 0) return part;
    return html`<a href="/${part.replace("#", "/pull/")}">${part}</a>`;
  })}`;
}

const style = new Html(`
:root { color-scheme: light dark; --line: #d8dee4; --soft: #f6f8fa; --text: #1f2328; --dim: #59636e; --link: #0b57d0; --add: #dafbe1; --del: #ffebe9; --ok: #1a7f37; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23; --text: #f0f6fc; --dim: #9198a1; --link: #79b8ff; --add: #12351f; --del: #47171b; --ok: #3fb950; --bad: #f85149; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); max-width: 960px; margin: 0 auto; padding: 16px; }
@media (prefers-color-scheme: dark) { body { background: #0d1117; } }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
h1 { font-size: 22px; overflow-wrap: anywhere; } h2 { font-size: 16px; margin-top: 28px; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 12px; overflow-x: auto; }
.dim { color: var(--dim); } .ok { color: var(--ok); } .bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; } td { border-bottom: 1px solid var(--line); padding: 6px 8px; vertical-align: top; overflow-wrap: anywhere; }
.diff span { display: block; min-height: 1.45em; white-space: pre; } .diff .a { background: var(--add); } .diff .d { background: var(--del); } .diff .h { color: var(--dim); }
button { font: inherit; padding: 8px 14px; margin: 4px 0; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); color: var(--text); cursor: pointer; display: block; }
.notice { font-size: 13px; color: var(--dim); border-bottom: 1px solid var(--line); padding-bottom: 8px; margin-bottom: 16px; }
`);

/** A whole page; it runs no script, loads nothing, and can't be framed. */
export function page(title: string, body: Html, status = 200): Answer {
  const whole = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <div class="notice"><a href="/">Local forge</a> · a GitHub for this machine only</div>
        <main>${body}</main>
      </body>
    </html>`;
  return bytes(status, Buffer.from(whole.markup, "utf8"), "text/html; charset=utf-8", {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
  });
}

/** The page for what isn't there. */
export function missingPage(): Answer {
  return page(
    "Not found",
    html`<h1>Not found</h1>
      <p>There is nothing at this address.</p>`,
    404,
  );
}

/** A diff with its lines coloured. */
export function diffBlock(text: string): Html {
  const kind = (line: string): string => {
    if (line.startsWith("+") && !line.startsWith("+++")) return "a";
    if (line.startsWith("-") && !line.startsWith("---")) return "d";
    return /^(diff |index |@@ |\+\+\+|---|new file|deleted file|similarity|rename|old mode|new mode)/.test(line)
      ? "h"
      : "";
  };
  return html`<pre class="diff">
${text.split("\n").map((line) => html`<span class="${kind(line)}">${line}</span>`)}</pre>`;
}
