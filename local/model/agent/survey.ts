import { exitCode, readListing, readManifest, readNumbered } from "./repository.ts";
import type { Manifest } from "./repository.ts";
import { pathIn, testsIn } from "./folders.ts";
import { callOne, tool } from "./work.ts";
import type { ToolResult, Work } from "./work.ts";

/** The results of the first look at a repository. */
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

/** The results of the first look at a workspace of one or several repositories. */
export interface WorkspaceSurvey {
  /** Paths from the workspace's root. */
  readonly files: readonly string[];
  /** By the repository's folder; "" is the root itself. */
  readonly repositories: ReadonlyMap<string, Omit<Survey, "files">>;
}

/** Runs the tests, lists the files and reads package.json, in one turn. */
export function* survey(text: string): Work<Survey> {
  const { files, repositories } = yield* surveyWorkspace(text, [""]);
  return { files, manifest: {}, manifestText: undefined, tests: unknownRun, ...repositories.get("") };
}

/** The same for repositories in these folders, in one turn; "" is the root itself. */
export function* surveyWorkspace(text: string, folders: readonly string[]): Work<WorkspaceSurvey> {
  const results = yield {
    text,
    calls: [
      ...folders.map(testsIn),
      tool("list_files", { recursive: true }),
      ...folders.map((folder) => tool("read_file", { path: pathIn(folder, "package.json") })),
    ],
  };
  const listing = results[folders.length];
  const repositories = new Map<string, Omit<Survey, "files">>();
  for (const [index, folder] of folders.entries()) {
    const manifest = results[folders.length + 1 + index];
    const manifestText = manifest === undefined || manifest.isError ? undefined : readNumbered(manifest).text;
    const first = readRun(results[index]);
    // A call that was lost with a crashed process comes back as an error: once more is harmless.
    const tests = first.code === undefined ? yield* runTests("That gave no exit code. Once more.", folder) : first;
    repositories.set(folder, { manifest: readManifest(manifestText), manifestText, tests });
  }
  return { files: listing === undefined ? [] : readListing(listing), repositories };
}

/** Runs the whole suite with the product's own tool; of the repository in `folder`, where there are several. */
export function* runTests(text: string, folder = ""): Work<TestRun> {
  return readRun(yield* callOne(text, testsIn(folder)));
}

/** Runs the whole suite of each repository in one turn; the runs in the folders' order. */
export function* runAllTests(text: string, folders: readonly string[]): Work<readonly TestRun[]> {
  const results = yield { text, calls: folders.map(testsIn) };
  return folders.map((_, index) => readRun(results[index]));
}

const unknownRun: TestRun = { code: undefined, output: "" };

function readRun(result: ToolResult | undefined): TestRun {
  return { code: result === undefined ? undefined : exitCode(result), output: result?.content ?? "" };
}
