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
import { PortError } from "../../../../worker/ports/errors.ts";
import type { ForgeReader } from "../../../../worker/ports/forge.ts";
import type { WriteGate } from "../../../../worker/services/patch-set/write-gate.ts";

/** The files of further repositories, by name; their owner is that of the first. */
export type OtherRepositories = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The forge of an engine test: one repository or more, one pull request to review, and a list of what was written. */
export class HarnessForge {
  readonly repository: RepositoryState;
  /** Every repository by `owner/name`. */
  readonly repositories: ReadonlyMap<string, RepositoryState>;
  readonly pull = new PullUnderReview();
  /** Writes in order: `commit`, `branch`, `advance <from> to <to>`, `pull_request`, `review`. */
  readonly writes: string[];
  readonly reader: ForgeReader;
  readonly gate: WriteGate;
  /** The results of CI on the first commit, the second ...; the last one repeats. */
  workflows: readonly ("none" | "success" | "failure")[] = ["success"];
  /** Thrown by the forge after it has stored the next review. */
  lostReply: Error | undefined;

  /** Called after a write was done and before its answer leaves; an error that it throws is that of the write. */
  duringWrite: ((kind: Write["kind"]) => void) | undefined;

  /** Called before a write is done; an error that it throws is that of the write, which is then not done. */
  beforeWrite: ((kind: Write["kind"]) => void) | undefined;

  /** Names of repositories that the App may no longer read. */
  readonly revoked = new Set<string>();
  /** Thrown by the next write of this kind, before it is done. */
  refused: { readonly kind: Write["kind"]; readonly repository: string; readonly error: Error } | undefined;

  constructor(files: Readonly<Record<string, string>>, writes: string[], others: OtherRepositories = {}) {
    this.writes = writes;
    this.repository = new RepositoryState(filesOf(files));
    const { name, owner } = someRepository;
    this.repositories = new Map([
      [`${owner}/${name}`, this.repository],
      ...Object.entries(others).map(
        ([other, content]) => [`${owner}/${other}`, new RepositoryState(filesOf(content))] as const,
      ),
    ]);
    this.repository.ci = (commitNumber) => {
      const conclusion = this.workflows[Math.min(commitNumber, this.workflows.length - 1)];
      return conclusion === undefined || conclusion === "none" ? undefined : { status: "completed", conclusion };
    };
    const find = byName(this.repositories);
    const sides: ForgeSides = {
      repository: (reference) => {
        if (this.revoked.has(reference.name)) throw new PortError("forge", "permanent", "not_found", reference.name);
        return find(reference);
      },
      pull: this.pull,
      log: (id) => `run ${id}: 1 failing, key sk-ant-api03-${"x".repeat(30)}`,
    };
    const hooks: ForgeHooks = {
      beforeWrite: async (write, state) => this.#refuse(write, state),
      afterWrite: async (write, state) => this.#written(write, state),
    };
    this.reader = forgeReader(sides);
    this.gate = forgeGate(sides, hooks);
  }

  get reviews(): readonly PostedReview[] {
    return this.pull.reviews;
  }

  #refuse(write: Write, state: RepositoryState): void {
    this.beforeWrite?.(write.kind);
    const { refused } = this;
    if (refused === undefined || refused.kind !== write.kind || refused.repository !== this.#nameOf(state)) return;
    this.refused = undefined;
    throw refused.error;
  }

  #nameOf(state: RepositoryState): string {
    return [...this.repositories].find(([, each]) => each === state)?.[0].split("/")[1] ?? "";
  }

  #written(write: Write, state: RepositoryState): void {
    const done = write.kind === "advance" ? `advance ${write.from.slice(0, 4)} to ${write.to.slice(0, 4)}` : write.kind;
    this.writes.push(this.repositories.size === 1 ? done : `${this.#nameOf(state)} ${done}`);
    this.duringWrite?.(write.kind);
    if (write.kind !== "review") return;
    const lost = this.lostReply;
    this.lostReply = undefined;
    if (lost !== undefined) throw lost;
  }
}
