import { setTimeout as sleep } from "node:timers/promises";
import type { ProductStack } from "./product-stack.ts";
import { launchBrowser } from "./browser.ts";
import { howMany } from "./smoke.ts";
import { median, ms, type Row } from "./stats.ts";

const looks = howMany(3, 1);

/** In the page: whether all of the log has come and its very last line is on the screen. */
const lastLineIsShown = `(() => {
  if (!document.querySelector("header")?.textContent.includes("Live")) return false;
  const slider = document.querySelector("[role=slider]");
  const last = Number(slider?.getAttribute("aria-valuemax") ?? "0") - 1;
  const line = document.querySelector('[role=log] [data-index="' + last + '"]');
  if (line === null) return false;
  const { bottom, top } = line.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
})()`;

/** Opens a long run's page in Chromium and measures what a person waits for; a small run's page beside it. */
export async function measureInBrowser(product: ProductStack, long: string, small: string): Promise<readonly Row[]> {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: product.stack.url });
    await context.addCookies(
      product.cookie.split("; ").map((pair) => {
        const at = pair.indexOf("=");
        return { name: pair.slice(0, at), value: pair.slice(at + 1), url: product.stack.url };
      }),
    );
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const log = page.getByRole("log", { name: "What happened" });
    /** Until the first line of the log, and until its last is there with the catch-up over. */
    const look = async (runId: string): Promise<{ readonly first: number; readonly whole: number }> => {
      await page.goto("about:blank");
      const startedAt = performance.now();
      await page.goto(`/runs/${runId}`);
      await log.locator("[data-index]").first().waitFor();
      const first = performance.now() - startedAt;
      await atEnd();
      return { first, whole: performance.now() - startedAt };
    };
    const atEnd = async (): Promise<void> => {
      const deadline = performance.now() + 60_000;
      while ((await page.evaluate(lastLineIsShown)) !== true) {
        if (performance.now() > deadline) throw new Error("the log never showed its last line");
        await sleep(20);
      }
    };
    const seen = { long: [] as { first: number; whole: number }[], small: [] as { first: number; whole: number }[] };
    for (let index = 0; index < looks; index += 1) {
      seen.small.push(await look(small));
      seen.long.push(await look(long));
    }
    const nodes = await log.locator("*").count();
    const heap = await page.evaluate(() => {
      const { memory } = performance as unknown as { memory?: { usedJSHeapSize: number } };
      return memory?.usedJSHeapSize ?? 0;
    });
    await page.evaluate(`document.querySelector("[role=log]").scrollTop = 0`);
    const jump = page.getByRole("button", { name: /Jump to/ });
    await jump.waitFor();
    const jumpedAt = performance.now();
    await jump.click();
    await atEnd();
    const jumped = performance.now() - jumpedAt;
    const of = (runs: readonly { first: number; whole: number }[], part: "first" | "whole"): number =>
      median(runs.map((run) => run[part]));
    const row = (what: string, part: "first" | "whole"): Row => ({
      what,
      ours: ms(of(seen.long, part)),
      bare: ms(of(seen.small, part)),
      ratio: `${(of(seen.long, part) / of(seen.small, part)).toFixed(2)}x`,
      bar: "",
    });
    const plain = (what: string, ours: string, bar: string): Row => ({ what, ours, bare: "", ratio: "", bar });
    return [
      row("run page: first line of the log (beside: a small run)", "first"),
      row("run page: its last line, caught up", "whole"),
      plain("run page: DOM nodes in the transcript", String(nodes), "<= 500"),
      plain("run page: jump to live from the first line", ms(jumped), ""),
      plain("run page: JavaScript heap", `${(heap / 1_000_000).toFixed(0)} MB`, ""),
    ];
  } finally {
    await browser.close();
  }
}
