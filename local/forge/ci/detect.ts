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

async function readText(core: ForgeCore, repository: Repository, entry: TreeEntry | undefined): Promise<string | undefined> {
  if (entry === undefined || entry.type !== "blob" || entry.mode === "120000" || (entry.sizeBytes ?? 0) > maxFileBytes) return undefined;
  return (await readBlob(core.git, gitDirectory(core, repository), entry.sha)).toString("utf8");
}

function hasTestScript(text: string | undefined): boolean {
  if (text === undefined) return false;
  try {
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest !== "object" || manifest === null || !("scripts" in manifest)) return false;
    const { scripts } = manifest;
    return typeof scripts === "object" && scripts !== null && "test" in scripts && typeof scripts.test === "string" && scripts.test !== "";
  } catch {
    return false;
  }
}

/**
 * What a push of this commit is to run: one plan for each workflow file that a push starts and that names a test
 * command (or has npm's to fall back on); without any, npm's test script; else nothing.
 */
export async function detectPlans(core: ForgeCore, repository: Repository, commit: string): Promise<CiPlan[]> {
  const directory = gitDirectory(core, repository);
  const npmTest = hasTestScript(await readText(core, repository, await findEntry(core.git, directory, commit, "package.json")));
  const folder = await findEntry(core.git, directory, commit, ".github/workflows");
  const plans: CiPlan[] = [];
  if (folder?.type === "tree") {
    for (const entry of await listTree(core.git, directory, folder.sha, false)) {
      if (!/\.ya?ml$/.test(entry.path)) continue;
      const text = await readText(core, repository, entry);
      if (text === undefined) continue;
      const workflow = readWorkflowFile(text);
      const command = workflow.testCommand ?? (npmTest ? "npm test" : undefined);
      if (!workflow.runsOnPush || command === undefined) continue;
      const path = `.github/workflows/${entry.path}`;
      plans.push({ path, name: workflow.name ?? path, command, timeoutMs: workflow.timeoutMs ?? standardTimeoutMs });
    }
    // A release or lint workflow beside the one that tests must not run the tests a second time.
    const named = plans.filter(({ command }) => command !== "npm test");
    if (plans.length > 1 && named.length < plans.length) return named.length > 0 ? named : plans.slice(0, 1);
    if (plans.length > 0) return plans;
  }
  return npmTest ? [{ path: "package.json", name: "npm test", command: "npm test", timeoutMs: standardTimeoutMs }] : [];
}
