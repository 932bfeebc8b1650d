import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { readSettings } from "../../local/stack/settings.ts";
import { startStack, type Stack } from "../../local/stack/stack.ts";
import { silentLog } from "../../local/stack/status.ts";
import { concat, jpeg, png } from "../images.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures, signIn, watchedPage, type WatchedPage } from "./session.ts";

/* Images beside a prompt, in a real browser. */
let dataDir: string;
let stack: Stack;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "assembly-lime-images-"));
  stack = await startStack({
    settings: readSettings({ PORT: "0", ALIME_DATA_DIR: path.join(dataDir, "stack") }),
    log: silentLog,
    modelDelayMs: 0,
  });
  watched = await watchedPage(stack.url, /status of [45]\d\d/);
  ({ page } = watched);
  await signIn(page);
});

afterAll(async () => {
  await watched?.browser.close();
  await stack?.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

pictureFailures(() => watched);

const prompt = (): ReturnType<Page["getByRole"]> => page.getByRole("textbox", { name: "What should be done" });
const runAgent = (): ReturnType<Page["getByRole"]> => page.getByRole("button", { name: "Run agent" });
const attached = (): ReturnType<Page["getByRole"]> =>
  page.getByRole("list", { name: "Attached images" }).getByRole("img");

/** Gives files to an element by a paste or a drop, as the browser would. */
async function give(
  kind: "paste" | "drop",
  files: readonly { name: string; type: string; bytes: Uint8Array }[],
): Promise<void> {
  const given = files.map(({ bytes, ...file }) => ({ ...file, base64: Buffer.from(bytes).toString("base64") }));
  // A text, since these run in the page, whose types are not those of the tests.
  await page.evaluate(`(() => {
    const data = new DataTransfer();
    for (const { base64, name, type } of ${JSON.stringify(given)}) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      data.items.add(new File([bytes], name, { type }));
    }
    const options = { bubbles: true, cancelable: true };
    document.getElementById("prompt").dispatchEvent(
      ${kind === "paste"}
        ? new ClipboardEvent("paste", { ...options, clipboardData: data })
        : new DragEvent("drop", { ...options, dataTransfer: data }),
    );
  })()`);
}

const shot = { name: "shot.png", type: "image/png", bytes: png(640, 360, 0x60) };

describe("images in the browser", () => {
  test("are pasted, dropped and chosen, shown small, and taken out again", async () => {
    await prompt().fill("Make the page look like this.");
    await give("paste", [shot]);
    await expect.poll(() => attached().count()).toBe(1);
    await give("drop", [
      { name: "a.png", type: "image/png", bytes: png(200, 300, 0xc0) },
      { name: "b.png", type: "image/png", bytes: png(300, 200, 0x20) },
    ]);
    await expect.poll(() => attached().count()).toBe(3);
    const file = path.join(dataDir, "chosen.png");
    writeFileSync(file, png(64, 64, 0xff));
    await page.getByLabel("Image files").setInputFiles(file);
    await expect.poll(() => attached().count()).toBe(4);
    await shoot(page, "command-center-images");
    await shootPhone(page, "command-center-images");
    await page.getByRole("button", { name: "Remove image 4" }).click();
    await page.getByRole("button", { name: "Remove image 3" }).click();
    await expect.poll(() => attached().count()).toBe(2);
  });

  test("that are refused show the reason, and the typed text stays", async () => {
    await give("paste", [
      { name: "logo.svg", type: "image/svg+xml", bytes: new TextEncoder().encode("<svg/>") },
      { name: "big.png", type: "image/png", bytes: concat(png(2, 2), new Uint8Array(4_000_000)) },
      { name: "text.png", type: "image/png", bytes: new TextEncoder().encode("no image") },
      { name: "wide.jpg", type: "image/jpeg", bytes: jpeg(9000, 10) },
    ]);
    const notes = page.getByRole("main").getByRole("alert");
    for (const words of [
      "logo.svg: SVG can’t be read by the models",
      "big.png: Too large: 4.0 MB, and an image may have 3.9 MB",
      "text.png: This is no image that can be taken",
      "wide.jpg: The image has 9000 x 10 pixels",
    ])
      await notes.getByText(words).waitFor();
    expect(await runAgent().isDisabled()).toBe(true);
    await shoot(page, "command-center-images-refused");
    for (const name of ["logo.svg", "big.png", "text.png", "wide.jpg"])
      await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.reload();
    await expect.poll(() => prompt().inputValue()).toBe("Make the page look like this.");
    await expect.poll(() => attached().count()).toBe(2);
  });

  test("stay when the start fails, and go with the run when it works", async () => {
    await page.route("**/api/runs", (route) =>
      route.request().method() === "POST" ? route.fulfill({ status: 503, body: "" }) : route.continue(),
    );
    await runAgent().click();
    await page.getByText("Your draft is kept.").first().waitFor();
    expect(await attached().count()).toBe(2);
    await page.unroute("**/api/runs");
    await runAgent().click();
    await page.waitForURL(/\/runs\/\d+/);
  });

  test("show on the run's page beside the prompt, open large, and close with Esc", async () => {
    const log = page.getByRole("log", { name: "What happened" });
    // The end of a run is long enough to push its beginning out of the log's view.
    await page.getByRole("heading", { name: "The agent declined" }).waitFor();
    const strip = log.getByRole("list", { name: "Images" });
    const atTop = async (): Promise<void> => {
      await log.waitFor();
      const count = async (): Promise<number> => {
        await page.evaluate(`document.querySelector("[role=log]")?.scrollTo(0, 0)`);
        return strip.getByRole("img").count();
      };
      await expect.poll(count).toBe(2);
    };
    await atTop();
    await log.getByText("images came along; I can't see them").waitFor();
    await expect.poll(() => page.evaluate(`document.querySelector("[role=log] ul img").naturalWidth`)).toBe(640);
    await shoot(page, "run-images");
    await shootPhone(page, "run-images");
    await atTop();
    const opener = strip.getByRole("button", { name: /Enlarge Image 1 of 2/ });
    await opener.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: /Image 1 of 2 that went with the prompt, 640 × 360 pixels/ });
    await dialog.getByRole("img").waitFor();
    await shoot(page, "run-image-large");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: /Image 2 of 2/ }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const focused = `document.activeElement.getAttribute("aria-label")`;
    await expect.poll(() => page.evaluate(focused)).toMatch(/^Enlarge Image 2 of 2/);
  });

  test("reached the model, and the kept request names them", async () => {
    const calls = await fetch(`${stack.model?.url ?? ""}/_model/calls`).then((answer) => answer.json());
    const { calls: made } = z.object({ calls: z.array(z.object({ images: z.int() })) }).parse(calls);
    expect(made.length).toBeGreaterThan(0);
    expect(made.every(({ images }) => images === 2)).toBe(true);
    await page.getByRole("tab", { name: "Cost" }).click();
    await shoot(page, "run-images-cost");
  });

  test("go along when the run is asked for once more", async () => {
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await page.goto(`/?again=${id}`);
    await expect.poll(() => attached().count()).toBe(2);
  });

  test("a call whose words have moved to the object store opens in the Cost tab all the same", async () => {
    const blobs = path.join(dataDir, "stack/wrangler/v3/r2/assembly-lime-blobs/blobs");
    const before = readdirSync(blobs).length;
    await page.goto("/");
    await prompt().fill(`Read this.\n\n${"lorem ipsum dolor sit amet ".repeat(1500)}the very end`);
    await runAgent().click();
    await page.waitForURL(/\/runs\/\d+/);
    await expect.poll(() => readdirSync(blobs).length, { timeout: 20_000 }).toBeGreaterThan(before);
    await page.getByRole("tab", { name: "Cost" }).click();
    await page.getByRole("rowheader").getByRole("button").first().click();
    await page.getByLabel("Prompt", { exact: true }).waitFor();
    const all = page.getByRole("button", { name: /Show all/ });
    if ((await all.count()) > 0) await all.first().click();
    await expect
      .poll(() => page.getByLabel("Prompt", { exact: true }).textContent())
      .toContain("lorem ipsum dolor sit amet the very end");
    await page.getByLabel("Answer", { exact: true }).getByText("offline demo agent").first().waitFor();
  });

  test("the pages had nothing to complain about", () => {
    expect(watched.complaints).toEqual([]);
  });
});
