import chromium from "@sparticuz/chromium";
import { chromium as playwright, type Browser } from "playwright-core";

/** The flags that Chromium needs in a container and as root; none of the package's own flags, which switch web security off. */
const args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none"];

/** A real Chromium whose binary comes with its npm package: nothing to install, no display needed. */
export async function launchBrowser(): Promise<Browser> {
  // No GPU here: the package's software renderer only costs start time.
  chromium.setGraphicsMode = false;
  return playwright.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}
