import type { PromptPart } from "../../../../contracts/run-events.ts";
import { asText } from "../../../../domain/patch-set/text.ts";
import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import { detectTestCommand } from "../../../../domain/run/test-command.ts";
import { PortError } from "../../../ports/errors.ts";
import type { StepContext } from "./deps.ts";
import { baseCommitOf, sandboxId, workDir } from "./workspace.ts";

/** Files in which a repository tells agents how it wants to be worked on; the first one that is there counts. */
const instructionFiles = ["AGENTS.md", "CLAUDE.md"] as const;
const maxInstructionBytes = 30_000;

/** The project's test command, or the one that package.json names, or null. */
export async function findTestCommand(context: StepContext): Promise<string | null> {
  if (context.journal.spec.testCommand !== null) return context.journal.spec.testCommand;
  const text = await readText(context, "package.json", 1_000_000);
  return text === undefined ? null : detectTestCommand(text);
}

/**
 * The repository's own instructions, as data of the repository layer: nothing in them is run. Under review they come from the
 * base: who asks for the review must not tell the reviewer how to review.
 */
export async function readRepositoryInstructions(context: StepContext): Promise<readonly PromptPart[]> {
  const isReview = context.journal.view().reviewed !== undefined;
  for (const file of instructionFiles) {
    const text = isReview ? await readBaseText(context, file) : await readText(context, file, maxInstructionBytes);
    if (text !== undefined && text.trim() !== "")
      return [{ layer: "repository", source: file, text: redactSecrets(text) }];
  }
  return [];
}

async function readBaseText(context: StepContext, path: string): Promise<string | undefined> {
  const { deps, journal } = context;
  try {
    const bytes = await deps.forge.getFile(journal.spec.repository, baseCommitOf(context), path);
    return asText(bytes.slice(0, maxInstructionBytes));
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return undefined;
    throw error;
  }
}

async function readText({ deps, journal }: StepContext, path: string, maxBytes: number): Promise<string | undefined> {
  try {
    const { bytes } = await deps.sandbox.readFile(sandboxId(journal.spec.runId), `${workDir}/${path}`, { maxBytes });
    return asText(bytes);
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return undefined;
    throw error;
  }
}
