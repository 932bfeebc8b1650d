import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clientFiles } from "../../../tools/openapi-client/generate.ts";

test("the committed document and types are those of the code: `npm run client` writes them", async () => {
  const files = await clientFiles();
  expect(files).toHaveLength(2);
  for (const { path, text } of files) expect(readFileSync(path, "utf8") === text, path).toBe(true);
});
