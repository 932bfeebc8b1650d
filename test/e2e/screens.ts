import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";

const folder = path.resolve(import.meta.dirname, "../../test-results/screens");

/** Saves what the page shows, once light and once dark, as `<name>-light.png` and `<name>-dark.png`. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    // Colours may fade over.
    await page.waitForTimeout(200);
    await page.screenshot({ path: path.join(folder, `${name}-${scheme}.png`) });
  }
}

/** The same at the width of a phone; the page goes back to its former size. */
export async function shootPhone(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForTimeout(150);
  const overflow = Number(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"));
  await shoot(page, `${name}-phone`);
  if (before !== null) await page.setViewportSize(before);
  if (overflow > 0) throw new Error(`${name} is ${overflow} px wider than a phone`);
}
