import { PullUnderReview, type PostedReview } from "../../../fakes/forge/pull-under-review.ts";
import {
  byName,
  forgeGate,
  forgeReader,
  type ForgeHooks,
  type ForgeSides,
  type Write,
} from "../../../fakes/forge/ports.ts";
import { filesOf, RepositoryState } from "../../../fakes/forge/repository-state.ts";
import { someRepository } from "../../../fakes/run-start.ts";
import type { ForgeReader } from "../../../../worker/ports/forge.ts";
import type { WriteGate } from "../../../../worker/services/patch-set/write-gate.ts";

/** The forge of an engine test: one repository, one pull request to review, and a list of what was written. */
export class HarnessForge {
  readonly repository: RepositoryState;
  readonly pull = new PullUnderReview();
  /** Writes in order: `commit`, `branch`, `advance <from> to <to>`, `pull_request`, `review`. */
  readonly writes: string[];
  readonly reader: ForgeReader;
  readonly gate: WriteGate;
  /** How CI ends on the first commit, the second ...; the last goes for all further ones. */
  workflows: readonly ("none" | "success" | "failure")[] = ["success"];
  /** Thrown by the forge after it has stored the next review. */
  lostReply: Error | undefined;

  constructor(files: Readonly<Record<string, string>>, writes: string[]) {
    this.writes = writes;
    this.repository = new RepositoryState(filesOf(files));
    this.repository.ci = (commitNumber) => {
      const conclusion = this.workflows[Math.min(commitNumber, this.workflows.length - 1)];
      return conclusion === undefined || conclusion === "none" ? undefined : { status: "completed", conclusion };
    };
    const sides: ForgeSides = {
      repository: byName(new Map([[`${someRepository.owner}/${someRepository.name}`, this.repository]])),
      pull: this.pull,
      log: (id) => `run ${id}: 1 failing, key sk-ant-api03-${"x".repeat(30)}`,
    };
    const hooks: ForgeHooks = { afterWrite: async (write) => this.#written(write) };
    this.reader = forgeReader(sides);
    this.gate = forgeGate(sides, hooks);
  }

  get reviews(): readonly PostedReview[] {
    return this.pull.reviews;
  }

  #written(write: Write): void {
    this.writes.push(
      write.kind === "advance" ? `advance ${write.from.slice(0, 4)} to ${write.to.slice(0, 4)}` : write.kind,
    );
    if (write.kind !== "review") return;
    const lost = this.lostReply;
    this.lostReply = undefined;
    if (lost !== undefined) throw lost;
  }
}
