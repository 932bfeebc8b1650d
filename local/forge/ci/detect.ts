import { isSymlinkMode } from "../../../contracts/file-mode.ts";
import { testScript } from "../../../domain/run/test-command.ts";
import { gitDirectory, type ForgeCore } from "../core.ts";
import { findEntry, listTree, readBlob, type TreeEntry } from "../git/objects.ts";
import type { Repository } from "../store/repositories.ts";
import { readWorkflowFile } from "./workflow-file.ts";

/** A test command that a commit asks for. */
export interface CiPlan {
  /** The file that asks for it. */
  readonly path: string;
  readonly name: string;
  readonly command: string;
  readonly timeoutMs: number;
}

const standardTimeoutMs = 10 * 60_000;
const maxFileBytes = 1_000_000;

async function readText(
  core: ForgeCore,
  repository: Repository,
  entry: TreeEntry | undefined,
): Promise<string | undefined> {
  if (
    entry === undefined ||
    entry.type !== "blob" ||
    isSymlinkMode(entry.mode) ||
    (entry.sizeBytes ?? 0) > maxFileBytes
  )
    return undefined;
  return (await readBlob(core.git, gitDirectory(core, repository), entry.sha)).toString("utf8");
}

/**
 * The test commands that a push of this commit asks for: one plan for each workflow file that a push starts and that names a test
 * command; without any, npm's test script (in the first workflow's name, when there is one); else nothing.
 */
export async function detectPlans(core: ForgeCore, repository: Repository, commit: string): Promise<CiPlan[]> {
  const directory = gitDirectory(core, repository);
  const manifest = await readText(core, repository, await findEntry(core.git, directory, commit, "package.json"));
  const npmTest = manifest !== undefined && testScript(manifest) !== undefined;
  const folder = await findEntry(core.git, directory, commit, ".github/workflows");
  const own: CiPlan[] = [];
  const fallback: CiPlan[] = [];
  if (folder?.type === "tree") {
    for (const entry of await listTree(core.git, directory, folder.sha, false)) {
      const text = /\.ya?ml$/.test(entry.path) ? await readText(core, repository, entry) : undefined;
      const workflow = text === undefined ? undefined : readWorkflowFile(text);
      if (workflow?.runsOnPush !== true) continue;
      const path = `.github/workflows/${entry.path}`;
      const plan = { path, name: workflow.name ?? path, timeoutMs: workflow.timeoutMs ?? standardTimeoutMs };
      if (workflow.testCommand !== undefined) own.push({ ...plan, command: workflow.testCommand });
      else if (npmTest) fallback.push({ ...plan, command: "npm test" });
    }
  }
  // Beside a workflow that tests, one that releases or lints must not run the tests a second time.
  if (own.length > 0) return own;
  if (fallback.length > 0) return fallback.slice(0, 1);
  return npmTest ? [{ path: "package.json", name: "npm test", command: "npm test", timeoutMs: standardTimeoutMs }] : [];
}
