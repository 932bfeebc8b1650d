import chromium from "@sparticuz/chromium";
import { chromium as playwright, type Browser } from "playwright-core";

/** A real Chromium whose binary comes with its npm package: nothing to install, no display needed. */
export async function launchBrowser(): Promise<Browser> {
  // No sound and no GPU here: the package's software renderer only costs start time.
  chromium.setGraphicsMode = false;
  return playwright.launch({ executablePath: await chromium.executablePath(), args: chromium.args.filter((arg) => !arg.startsWith("--single-process")), headless: true });
}
