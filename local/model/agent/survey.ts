import { exitCode, readListing, readManifest, readNumbered } from "./repository.ts";
import type { Manifest } from "./repository.ts";
import { callOne, tool } from "./work.ts";
import type { ToolResult, Work } from "./work.ts";

/** What the first look at a repository shows. */
export interface Survey {
  readonly files: readonly string[];
  readonly manifest: Manifest;
  readonly manifestText: string | undefined;
  readonly tests: TestRun;
}

/** One run of the whole suite; `code` is `undefined` when it could not be run. */
export interface TestRun {
  readonly code: number | undefined;
  readonly output: string;
}

/** Runs the tests, lists the files and reads package.json, in one turn. */
export function* survey(text: string): Work<Survey> {
  const [tests, listing, manifest] = yield {
    text,
    calls: [
      tool("run_tests", {}),
      tool("list_files", { recursive: true }),
      tool("read_file", { path: "package.json" }),
    ],
  };
  const manifestText = manifest === undefined || manifest.isError ? undefined : readNumbered(manifest).text;
  const first = readRun(tests);
  return {
    files: listing === undefined ? [] : readListing(listing),
    manifest: readManifest(manifestText),
    manifestText,
    // A call that was lost with a crashed process comes back as an error: once more is harmless.
    tests: first.code === undefined ? yield* runTests("That gave no exit code. Once more.") : first,
  };
}

/** Runs the whole suite with the product's own tool. */
export function* runTests(text: string): Work<TestRun> {
  return readRun(yield* callOne(text, tool("run_tests", {})));
}

function readRun(result: ToolResult | undefined): TestRun {
  return { code: result === undefined ? undefined : exitCode(result), output: result?.content ?? "" };
}
