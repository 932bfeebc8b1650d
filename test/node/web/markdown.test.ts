import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { MarkdownRendered } from "../../../web/components/markdown-rendered.tsx";

const shown = (text: string, streaming = false): string =>
  renderToStaticMarkup(createElement(MarkdownRendered, { text, streaming }));

describe.each([false, true])("markdown of an agent or a person, streaming: %s", (streaming) => {
  test("is shown as markdown", () => {
    const html = shown("# Plan\n\n- **first** `code`\n", streaming);
    expect(html).toMatch(/<h1[^>]*>Plan<\/h1>/u);
    expect(html).toMatch(/<code[^>]*>code<\/code>/u);
  });

  test.each([
    "<script>alert(1)</script>",
    '<img src="https://evil.example/x.png" onerror="alert(1)">',
    '<iframe src="https://evil.example/"></iframe>',
    '<a href="javascript:alert(1)" onclick="alert(1)">press</a>',
    "<style>body { display: none }</style>",
    '<form action="https://evil.example/"><button>send</button></form>',
  ])("has no element of %s", (text) => {
    const html = shown(`before\n\n${text}\n\nafter ${text}`, streaming);
    expect(html).not.toMatch(/<(?:script|img|iframe|style|form|button)\b|onerror=|onclick=|javascript:/iu);
    expect(html).toContain("before");
    expect(html).toContain("after");
  });

  test("loads no image: its address is named instead", () => {
    const html = shown("![](https://evil.example/?secret=1) ![a cat](https://evil.example/cat.png)", streaming);
    expect(html).not.toMatch(/<img\b|srcset|background/iu);
    expect(html).toContain("[image: a cat]");
  });

  test("shows a mention of a member as a chip, which is no link", () => {
    const html = shown("Ask [@Lena \\[1\\]](#member-7), not [that](#member-x).", streaming);
    expect(html).toMatch(/<span class="[^"]*">@Lena \[1\]<\/span>/u);
    expect(html).toContain(">that</a>");
  });

  test("has no link that runs a script", () => {
    const html = shown(
      "[press](javascript:alert(1)) [data](data:text/html,<script>) [fine](https://example.com/)",
      streaming,
    );
    expect(html).not.toMatch(/href="(?:javascript|data):/iu);
    expect(html).toMatch(/<a href="https:\/\/example\.com\/" target="_blank" rel="noopener noreferrer nofollow"/u);
  });
});
