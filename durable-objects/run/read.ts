import type { ModelCall } from "../../contracts/run.ts";
import { shownName } from "../../domain/policy/shown-name.ts";
import { projectRun, type RunProjection } from "../../domain/run/projection.ts";
import type { EngineDeps } from "../../worker/services/run/engine/deps.ts";
import type { RunAnswer, RunQuery } from "../../worker/ports/run-host.ts";
import { pullRequestPreview } from "../../worker/services/run/engine/pull-request-body.ts";
import { reviewedFiles } from "../../worker/services/run/engine/reviewed-pull.ts";
import { heldSandboxes } from "../../worker/services/run/engine/sandboxes.ts";
import { modelCallEvents, modelCallsOf } from "../../worker/services/run/model-calls.ts";
import { patchContentOf, patchSetEvents, patchSetsOf, shownPullFiles } from "../../worker/services/patch-set/read.ts";
import { callJson, type BodyPacks } from "./body-packs.ts";
import type { SqliteJournal } from "./journal.ts";
import type { Outbox } from "./outbox.ts";
import type { Projector } from "./projector.ts";
import type { RunStore } from "./store.ts";

/** Answers queries about a run as JSON texts; events and ledger entries are joined as they are stored. */
export class RunReader {
  readonly #store: RunStore;
  readonly #journal: SqliteJournal;
  readonly #packs: BodyPacks;
  readonly #outbox: Outbox;
  readonly #projector: Projector;
  readonly #log: EngineDeps["log"];

  constructor(parts: {
    readonly store: RunStore;
    readonly journal: SqliteJournal;
    readonly packs: BodyPacks;
    readonly outbox: Outbox;
    readonly projector: Projector;
    readonly log: EngineDeps["log"];
  }) {
    this.#store = parts.store;
    this.#journal = parts.journal;
    this.#packs = parts.packs;
    this.#outbox = parts.outbox;
    this.#projector = parts.projector;
    this.#log = parts.log;
  }

  /** See RunQuery for each answer. */
  async read(query: RunQuery): Promise<RunAnswer> {
    switch (query.kind) {
      case "events": {
        const texts = this.#store.eventTexts(query.since, query.limit);
        return `{"items":[${texts.join(",")}],"headSeq":${this.#store.headSeq()}}`;
      }
      case "row":
        return this.#journal.isStarted() ? JSON.stringify(this.#row()) : null;
      case "patch_sets":
        return JSON.stringify({ items: patchSetsOf(this.#store.eventsOf(patchSetEvents)) });
      case "patch_content":
        return this.#patchContent(query.hash, query.path);
      case "pull_request_text": {
        const text = pullRequestPreview(this.#journal.spec, this.#journal.view(), query.hash);
        return text === undefined ? null : JSON.stringify(text);
      }
      case "pull_files": {
        const commit = this.#journal.view().reviewed?.commit ?? null;
        return JSON.stringify({ commit, items: shownPullFiles(reviewedFiles(this.#journal)) });
      }
      case "ledger":
        return this.#ledger();
      case "model_calls":
        return JSON.stringify({ items: this.#modelCalls() });
      case "model_call": {
        const call = this.#modelCalls().find(({ callId }) => callId === query.callId);
        return call === undefined ? null : callJson(this.#packs, this.#journal.spec, call, this.#log);
      }
      case "sandboxes":
        return this.#journal.isStarted() ? JSON.stringify(heldSandboxes(this.#journal)) : null;
      case "effects":
        return JSON.stringify({ items: this.#outbox.shown() });
      case "projection_check":
        return JSON.stringify((await this.#projector.check(query.write)) ?? null);
    }
  }

  #row(): RunProjection {
    return projectRun(this.#journal.view(), this.#store.headSeq(), this.#store.headAtMs());
  }

  #patchContent(hash: string, path: string): string | null {
    const change = this.#journal.patchSetChanges(hash)?.find((candidate) => shownName(candidate.path) === path);
    if (change === undefined) return null;
    const before = change.beforeBlob === undefined ? undefined : this.#journal.baseBlob(change.beforeBlob);
    return JSON.stringify(patchContentOf(change, before));
  }

  #ledger(): string {
    const head = this.#store.lastLedgerEntry()?.hash ?? "0".repeat(64);
    const runId = JSON.stringify(this.#journal.isStarted() ? this.#journal.spec.runId : "");
    const entries = this.#store.ledgerTexts().join(",");
    return `{"format":"assembly-lime-ledger/1","runId":${runId},"entries":[${entries}],"head":"${head}"}`;
  }

  #modelCalls(): readonly ModelCall[] {
    return modelCallsOf(
      this.#store.modelCalls.list(),
      this.#store.eventsOf(modelCallEvents, { blank: ["text", "thinking"] }),
    );
  }
}
