import * as z from "zod";
import { deploymentSchema } from "../../contracts/project.ts";
import type { PullRequest, Run } from "../../contracts/run.ts";
import type { ApiClient } from "../stack/client.ts";

const writeSchema = z.object({
  id: z.int(),
  method: z.string(),
  path: z.string(),
  repository: z.string().nullable(),
  status: z.int(),
  result: z.string(),
});
const writesSchema = z.union([
  z.array(writeSchema),
  z.object({ writes: z.array(writeSchema) }).transform((body) => body.writes),
]);
export type WitnessedWrite = z.infer<typeof writeSchema>;

/** Reads the local forge's own record of writes and its pages, independently of the product. */
export class ForgeWitness {
  readonly #client: ApiClient;
  readonly #forgeUrl: string;
  readonly #lastId: number;

  private constructor(client: ApiClient, forgeUrl: string, lastId: number) {
    this.#client = client;
    this.#forgeUrl = forgeUrl;
    this.#lastId = lastId;
  }

  /** Notes where the forge's record stands now. */
  static async open(client: ApiClient): Promise<ForgeWitness> {
    const { forgeUrl } = await client.http.api(deploymentSchema, "GET", "/api/deployment");
    const fresh = new ForgeWitness(client, forgeUrl.replace(/\/$/, ""), 0);
    const writes = await fresh.newWrites();
    return new ForgeWitness(client, fresh.#forgeUrl, Math.max(0, ...writes.map((write) => write.id)));
  }

  /** Every write that the forge took since `open`. */
  async newWrites(): Promise<readonly WitnessedWrite[]> {
    const response = await fetch(`${this.#forgeUrl}/_forge/writes`, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok)
      throw new Error(`the forge's record can't be read (status ${response.status}): the demo needs the local forge`);
    return writesSchema.parse(await response.json()).filter((write) => write.id > this.#lastId);
  }

  /**
   * Checks that the forge took one commit, one branch and one pull request for this run, and that its pages show them.
   * @returns what was seen, as sentences
   * @throws Error naming what is missing or doubled
   */
  async confirm(
    run: { readonly repository: Pick<Run["repository"], "owner" | "name"> },
    pullRequest: PullRequest,
  ): Promise<readonly string[]> {
    const repository = `${run.repository.owner}/${run.repository.name}`;
    const writes = (await this.newWrites()).filter((write) => write.repository === repository && write.status < 300);
    const once = (what: string, pattern: RegExp): void => {
      const count = writes.filter((write) => write.method === "POST" && pattern.test(write.path)).length;
      if (count !== 1) throw new Error(`the forge took ${count} ${what} instead of one`);
    };
    once("commits", /\/git\/commits$/);
    once("branches", /\/git\/refs$/);
    once("pull requests", /\/pulls$/);
    await this.#page(pullRequest.url, "the pull request");
    return [
      `the forge's own record: one commit ${pullRequest.commit.slice(0, 10)}, one branch ${pullRequest.branch}, one pull request #${pullRequest.number}, after the approval`,
      `the forge shows the pull request at ${pullRequest.url}`,
    ];
  }

  /** The repositories in which pull requests were opened since `open`, as `owner/name`, in the order of opening. */
  async openedPulls(): Promise<readonly string[]> {
    const writes = await this.newWrites();
    return writes
      .filter(({ method, path, status }) => method === "POST" && /\/pulls$/.test(path) && status < 300)
      .toSorted((a, b) => a.id - b.id)
      .map(({ repository }) => repository ?? "");
  }

  /** Checks that a page of the forge shows the text. Throws Error that quotes what is missing. */
  async confirmText(url: string, text: string): Promise<void> {
    const { response } = await this.#client.http.visit(url);
    const shown = (await response.text()).replaceAll(/<[^>]*>/gu, "");
    if (!response.ok || !shown.includes(text)) throw new Error(`the forge's page ${url} doesn't say "${text}"`);
  }

  async #page(url: string, what: string): Promise<void> {
    const { response } = await this.#client.http.visit(url);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the forge doesn't show ${what} at ${url} (status ${response.status})`);
  }
}
