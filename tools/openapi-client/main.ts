// `npm run client`: writes the API's OpenAPI document and the TypeScript types made from it to clients/. A test fails when they are behind.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { clientFiles } from "./generate.ts";

for (const { path, text } of await clientFiles()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}
