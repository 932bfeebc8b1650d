import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { connectorSchema, type Connector } from "../../contracts/connector.ts";
import { ledgerSchema, type Ledger } from "../../contracts/ledger.ts";
import { modelSchema, type Model } from "../../contracts/model.ts";
import {
  patchContentSchema,
  patchSetSchema,
  type decidePatchSetSchema,
  type PatchContent,
  type PatchSet,
} from "../../contracts/patch-set.ts";
import { boardSchema, type Board } from "../../contracts/board.ts";
import {
  meSchema,
  projectSchema,
  repositorySchema,
  ticketSchema,
  type createProjectSchema,
  type createTicketSchema,
  type Me,
  type Project,
  type Repository,
  type Ticket,
} from "../../contracts/project.ts";
import { isFinal, runSchema, type Run, type RunState, type StartRun } from "../../contracts/run.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { HttpSession } from "./http.ts";
import { followRun, parseRunEvent, type FollowOptions } from "./run-socket.ts";
import { signInWithGitHub } from "./sign-in.ts";

const items = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
const eventPageSchema = z.object({ items: z.array(z.unknown()), headSeq: z.int() });

export type NewTicket = Readonly<z.input<typeof createTicketSchema>>;
export type NewProject = Readonly<z.input<typeof createProjectSchema>>;

/** A person who uses the product through its public API. Every method throws ApiRefusal when the API says no. */
export class ApiClient {
  readonly http: HttpSession;

  /** @param baseUrl the product's origin, as "http://127.0.0.1:8787" */
  constructor(baseUrl: string) {
    this.http = new HttpSession(baseUrl);
  }

  /** Signs in over GitHub's OAuth web flow as `login` (who must exist at the local forge). */
  async signIn(login: string): Promise<Me> {
    await signInWithGitHub(this.http, login);
    return this.me();
  }

  me(): Promise<Me> {
    return this.http.api(meSchema, "GET", "/api/me");
  }

  async models(): Promise<readonly Model[]> {
    return (await this.http.api(items(modelSchema), "GET", "/api/models")).items;
  }

  async repositories(): Promise<readonly Repository[]> {
    return (await this.http.api(items(repositorySchema), "GET", "/api/repositories")).items;
  }

  async projects(): Promise<readonly Project[]> {
    return (await this.http.api(items(projectSchema), "GET", "/api/projects")).items;
  }

  /** Connects an installation of the GitHub App to the active tenant and brings in its repositories. */
  async connect(installationId: string): Promise<void> {
    await this.http.api(z.unknown(), "POST", "/api/connectors", { installationId });
  }

  async connectors(): Promise<readonly Connector[]> {
    return (await this.http.api(items(connectorSchema), "GET", "/api/connectors")).items;
  }

  /** Reads the repositories of a connected installation anew. */
  async syncConnector(connectorId: string): Promise<void> {
    await this.http.api(z.unknown(), "POST", `/api/connectors/${connectorId}/sync`, {});
  }

  createProject(project: NewProject): Promise<Project> {
    return this.http.api(projectSchema, "POST", "/api/projects", project);
  }

  renameProject(projectId: string, name: string): Promise<Project> {
    return this.http.api(projectSchema, "PATCH", `/api/projects/${projectId}`, { name });
  }

  /** Adds repositories behind those that the project has. */
  addRepositories(projectId: string, repositoryIds: readonly string[]): Promise<Project> {
    return this.http.api(projectSchema, "POST", `/api/projects/${projectId}/repositories`, { repositoryIds });
  }

  board(projectId: string): Promise<Board> {
    return this.http.api(boardSchema, "GET", `/api/projects/${projectId}/board`);
  }

  getTicket(id: string): Promise<Ticket> {
    return this.http.api(ticketSchema, "GET", `/api/tickets/${id}`);
  }

  createTicket(projectId: string, ticket: NewTicket): Promise<Ticket> {
    return this.http.api(ticketSchema, "POST", `/api/projects/${projectId}/tickets`, ticket);
  }

  /** Starts a run; the same `idempotencyKey` again answers with the same run. */
  startRun(request: StartRun): Promise<Run> {
    return this.http.api(runSchema, "POST", "/api/runs", request);
  }

  run(runId: string): Promise<Run> {
    return this.http.api(runSchema, "GET", `/api/runs/${runId}`);
  }

  /** All events after number `since`, over HTTP, a page of 1,000 at a time. */
  async events(runId: string, since = 0): Promise<readonly RunEvent[]> {
    const events: RunEvent[] = [];
    for (;;) {
      const after = events.at(-1)?.seq ?? since;
      const page = await this.http.api(eventPageSchema, "GET", `/api/runs/${runId}/events?since=${after}`);
      events.push(...page.items.map(parseRunEvent));
      if (page.items.length === 0 || (events.at(-1)?.seq ?? since) >= page.headSeq) return events;
    }
  }

  /** The run's events as they happen, over its WebSocket. */
  followEvents(runId: string, options: FollowOptions = {}): AsyncGenerator<RunEvent, void, void> {
    const url = new URL(`/api/runs/${runId}/socket`, this.http.baseUrl);
    return followRun(url.href, this.http.jar.header(url), options);
  }

  async patchSets(runId: string): Promise<readonly PatchSet[]> {
    return (await this.http.api(items(patchSetSchema), "GET", `/api/runs/${runId}/patch-sets`)).items;
  }

  patchContent(runId: string, hash: string, path: string): Promise<PatchContent> {
    return this.http.api(
      patchContentSchema,
      "GET",
      `/api/runs/${runId}/patch-sets/${hash}/patches?path=${encodeURIComponent(path)}`,
    );
  }

  /** Approves, rejects or sends back the patch set of this hash. */
  async decide(runId: string, hash: string, decision: z.input<typeof decidePatchSetSchema>): Promise<void> {
    await this.http.api(z.unknown(), "POST", `/api/runs/${runId}/patch-sets/${hash}/decision`, decision);
  }

  async cancel(runId: string): Promise<void> {
    await this.http.api(z.unknown(), "POST", `/api/runs/${runId}/cancel`, {});
  }

  ledger(runId: string): Promise<Ledger> {
    return this.http.api(ledgerSchema, "GET", `/api/runs/${runId}/ledger`);
  }

  /**
   * Waits until the run is in one of `states`.
   * @throws Error when it ends in another final state first, or `timeoutMs` is over
   */
  async waitFor(runId: string, states: readonly RunState[], timeoutMs: number): Promise<Run> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const run = await this.run(runId);
      if (states.includes(run.state)) return run;
      if (isFinal(run.state))
        throw new Error(`run ${runId} ended ${run.state}${run.cause === null ? "" : `: ${run.cause}`}`);
      if (Date.now() > deadline)
        throw new Error(`run ${runId} is still ${run.state} after ${timeoutMs / 1000} s, not ${states.join(" or ")}`);
      await sleep(150);
    }
  }
}
