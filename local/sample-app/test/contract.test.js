import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findUnits } from "./support/find-units.js";
import * as recorded from "./support/recorded-units.js";

const { url, version } = findUnits();

// The recorded answers can be compared only where lime-units is installed or checked out beside this repository.
if (version !== undefined) {
  for (const [name, { answers }] of Object.entries(recorded)) {
    test(`lime-units answers as recorded: ${name}`, async () => {
      const library = await import(url);
      for (const [input, output] of answers) assert.equal(library[name](...input), output);
    });
  }

  test("the range in package.json takes the lime-units that is there", () => {
    const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const range = dependencies["lime-units"];
    const [wanted, present] = [range.replace("^", ""), version].map((text) => text.split(".").map(Number));
    assert.equal(present[0], wanted[0], `${version} is not in ${range}`);
    assert.ok(present[1] > wanted[1] || (present[1] === wanted[1] && present[2] >= wanted[2]), `${version} is not in ${range}`);
  });
}
