import { DurableObject } from "cloudflare:workers";
import type { Env } from "../../worker/compose.ts";
import type { Caller, CommandResult, RunAnswer, RunCommand, RunQuery } from "../../worker/ports/run-host.ts";
import { LiveRun } from "./live-run.ts";
import { hasRunTables } from "./schema.ts";

/**
 * The Durable Object of one run. It is built with its run when it wakes. A new one builds it at its first call, so that the tables are
 * made in the commit of the first event: a start waits for one commit.
 */
export class RunObject extends DurableObject<Env> {
  #live: LiveRun | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    if (hasRunTables(state.storage.sql)) this.#run();
  }

  /** Does one command; see RunCommand for each. */
  async command(caller: Caller, command: RunCommand): Promise<CommandResult> {
    return this.#run().command(caller, command);
  }

  /** Answers one query; see RunQuery for each. */
  async read(query: RunQuery): Promise<RunAnswer> {
    return this.#run().read(query);
  }

  override async fetch(request: Request): Promise<Response> {
    return this.#run().fetch(request);
  }

  override async alarm(): Promise<void> {
    await this.#run().alarm();
  }

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    this.#run().webSocketMessage(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#run().webSocketClose(socket, code);
  }

  #run(): LiveRun {
    return (this.#live ??= new LiveRun(this.ctx, this.env));
  }
}
