import { existsSync, readFileSync } from "node:fs";

const beside = new URL("../../../lime-units/", import.meta.url);

/**
 * Where the tests take lime-units from: a checkout beside this one, else the installed package, else the recorded answers.
 * @returns {{ url: string, version: string | undefined }} `version` is undefined for the recorded answers
 */
export function findUnits() {
  if (existsSync(new URL("package.json", beside))) {
    return { url: new URL("src/index.js", beside).href, version: versionIn(new URL("package.json", beside)) };
  }
  try {
    const url = import.meta.resolve("lime-units");
    return { url, version: versionIn(new URL("../package.json", url)) };
  } catch {
    return { url: new URL("recorded-units.js", import.meta.url).href, version: undefined };
  }
}

function versionIn(url) {
  return JSON.parse(readFileSync(url, "utf8")).version;
}
