import { env } from "cloudflare:workers";
import { boardHost } from "../../worker/hosts.ts";
import { effectsOf } from "../../domain/run/effects.ts";
import { projectRun } from "../../domain/run/projection.ts";
import type { Database } from "../../worker/db/client.ts";
import { writeFirstRow } from "../../worker/db/stores/projection.ts";
import type { Caller, RunHost, RunStart } from "../../worker/ports/run-host.ts";
import { firstEvents, firstView } from "../../worker/services/run/first-events.ts";
import { createRunEffects } from "../../worker/services/run/run-effects.ts";

/** A host that keeps runs in memory, at their first commit: it writes their rows and audit entries as a run's object does. */
export interface MemoryHost extends RunHost {
  /** The first start of each run, in order. */
  readonly started: RunStart[];
}

function unused(): never {
  throw new Error("not part of these tests");
}

/**
 * @param options.writes `at_once`: before a start is answered; `when_asked`: not before a reader misses the row
 * @param options.onStart called before a start, also before one of a run that is there
 */
export function memoryHost(
  db: Database,
  options: { readonly writes?: "at_once" | "when_asked"; readonly onStart?: (runId: number) => void } = {},
): MemoryHost {
  const { onStart = () => undefined, writes = "at_once" } = options;
  const runs = new Map<number, { readonly start: RunStart; readonly caller: Caller; readonly atMs: number }>();
  const started: RunStart[] = [];
  const write = async (id: number): Promise<void> => {
    const run = runs.get(id);
    if (run?.start.spec.row === undefined) return;
    const { atMs, caller, start } = run;
    const { spec } = start;
    const { headSeq, view } = firstView(start, atMs);
    const { effort, mode, model, prompt, provider, title } = start.created;
    const place = { id, tenantId: spec.tenantId, projectId: Number(spec.projectId) };
    const columns = {
      ...projectRun(view, headSeq, atMs),
      effort,
      mode,
      model,
      prompt,
      provider,
      title,
      searchText: "",
    };
    await writeFirstRow(db, place, run.start.spec.row, columns);
    const [first] = firstEvents(start);
    if (first === undefined) return;
    const { actor, requestId, sessionId } = caller;
    const command = { actor, requestId, sessionId, action: "run.started", data: { mode, model } };
    for (const effect of effectsOf({ ...first, seq: 1, atMs, v: 2 }, view, { parentRunId: null, command }))
      if (effect.kind === "audit")
        await createRunEffects({
          db,
          boards: boardHost(env.BOARDS),
          runs: host,
          tellFeed: async () => undefined,
        }).recordAudit(spec, `run:${id}:1:audit`, effect.data);
  };
  const host: MemoryHost = {
    started,
    command: async (id, caller, command) => {
      if (command.kind === "start") {
        onStart(id);
        if (runs.has(id)) return { ok: true, existed: true };
        runs.set(id, { start: command.start, caller, atMs: Date.now() });
        started.push(command.start);
        if (writes === "at_once") await write(id);
        return { ok: true };
      }
      if (!runs.has(id)) return { ok: false, code: "conflict", detail: "not started" };
      if (command.kind === "write_row") await write(id);
      return { ok: true };
    },
    read: unused,
    socket: unused,
    grantedSocket: async () => new Response(null, { status: 401 }),
  };
  return host;
}
