import { isFinal } from "../../contracts/run-names.ts";
import { followsPulls } from "../../domain/run/watch.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { CommandResult } from "../../worker/ports/run-host.ts";
import type { EngineDeps } from "../../worker/services/run/engine/deps.ts";
import { followPulls } from "../../worker/services/run/engine/follow-pulls.ts";
import type { RunJournal } from "../../worker/services/run/engine/journal.ts";

/** Opening a run's page makes it look at its pull requests at most this often. */
const lookEveryMs = 60_000;

interface Parts {
  readonly journal: RunJournal;
  readonly deps: {
    readonly engine: Pick<EngineDeps, "nowMs" | "log">;
    /** The run's own forge, bound anew for each look. */
    readonly engineOf: (journal: RunJournal) => Pick<EngineDeps, "forge">;
  };
  /** Makes a run that works look for its next step. */
  readonly wake: () => void;
}

/**
 * Follows the pull requests of a run that has ended: when a webhook tells of one, and, since webhooks may be lost, when somebody opens
 * the run's page or a sweep asks.
 */
export class PullFollower {
  readonly #parts: Parts;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Looks now, at the run's next step where it has not ended. `unavailable` while the forge can't be asked; a forge that refuses is logged, since asking again would not help. */
  async look(): Promise<CommandResult> {
    const { deps, journal, wake } = this.#parts;
    const { log, nowMs } = deps.engine;
    if (!isFinal(journal.view().state)) {
      wake();
      return { ok: true };
    }
    this.#lookedAtMs = nowMs();
    try {
      await followPulls(deps.engineOf(journal), journal);
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      log("warn", "pull requests not read", { runId: journal.spec.runId, code: error.code });
      if (error.kind === "transient")
        return { ok: false, code: "unavailable", detail: `The forge could not be asked (${error.code}).` };
    }
    return { ok: true };
  }

  /** Looks unless the last look was a moment ago. Never throws. */
  async pageOpened(): Promise<void> {
    const { deps, journal } = this.#parts;
    const { log, nowMs } = deps.engine;
    if (!followsPulls(journal.view()) || nowMs() - this.#lookedAtMs < lookEveryMs) return;
    await this.look().catch((error: unknown) =>
      log("error", "pull requests not followed", { runId: journal.spec.runId, detail: String(error) }),
    );
  }
}
