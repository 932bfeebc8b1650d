import { createHash } from "node:crypto";
import { patchSetHash } from "../../domain/patch-set/content-hash.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { ForgePullRequest, ForgeReader, ForgeTreeEntry, ForgeWorkflowRun } from "../../worker/ports/forge.ts";
import { createWriteGate, type WriteGate } from "../../worker/services/patch-set/write-gate.ts";
import type { EventOracle } from "./event-oracle.ts";
import { baseCommit, baseEntries } from "./fake-sandbox.ts";
import { FakePull } from "./fake-pull.ts";
import { must } from "./violation.ts";
import type { Process, World } from "./world.ts";

type Writer = Parameters<typeof createWriteGate>[0]["writer"];
type Approved = Parameters<Writer["writeCommit"]>[1];

const tree: readonly ForgeTreeEntry[] = baseEntries.map(({ blob, bytes, path }) => ({
  path,
  mode: "100644",
  type: "blob",
  blob,
  sizeBytes: bytes.length,
}));
/** Nothing reads it: the sandbox seeds itself from the base files. */
const tarball = new ReadableStream<Uint8Array>();

/** The forge's side, with its own ledger: what was written, by its identity, and what it was for. */
export class FakeForge {
  readonly #world: World;
  readonly #oracle: EventOracle;
  readonly commits = new Map<string, string>();
  readonly branches = new Map<string, { readonly commit: string; readonly hash: string }>();
  readonly pulls = new Map<string, ForgePullRequest & { readonly hash: string }>();
  readonly pull: FakePull;
  readonly tickets = new Map<string, { readonly id: string; readonly key: string; readonly title: string }>();
  /** How CI goes: by the number of times that it was looked at. */
  ci: readonly (readonly [ForgeWorkflowRun["status"], string | null])[] = [["completed", "success"]];
  #ciLooks = 0;

  constructor(world: World, oracle: EventOracle) {
    this.#world = world;
    this.#oracle = oracle;
    this.pull = new FakePull(world);
  }

  /** The gate over this forge, as one process sees it. */
  gate(process: Process): WriteGate {
    return createWriteGate({ reader: this.reader(process), writer: this.#writer(process) });
  }

  /** The reads, as one process sees them. */
  reader(process: Process): ForgeReader {
    const enter = async (what: string): Promise<void> => {
      await this.#world.moment(process, `in forge ${what}`);
      const { forge } = this.#world.troubles;
      this.#world.maybe(
        forge / 3,
        "forge read 502",
        () => new PortError("forge", "transient", "server_error", "502", { status: 502 }),
      );
      this.#world.maybe(
        forge / 12,
        "forge read 401",
        () => new PortError("forge", "permanent", "unauthorized", "401", { status: 401 }),
      );
      this.#world.maybe(
        forge / 12,
        "forge read 403 rate",
        () => new PortError("forge", "transient", "rate_limited", "403", { status: 403, retryAfterMs: 60_000 }),
      );
    };
    const unused = (): never => {
      throw new Error("the engine does not use this");
    };
    return {
      getBranchHead: async () => {
        await enter("head");
        return baseCommit;
      },
      getTree: async () => {
        await enter("tree");
        if (this.#world.troubles.forge > 0 && this.#world.chance.happens(this.#world.troubles.forge / 12)) {
          this.#world.fault("forge stale base");
          return tree.map((entry) => ({ ...entry, blob: "0".repeat(40) }));
        }
        return tree;
      },
      getFile: async (_repository, _commit, path) => {
        await enter("file");
        const entry = baseEntries.find((candidate) => candidate.path === path);
        if (entry === undefined) throw new PortError("forge", "permanent", "not_found", path);
        return entry.bytes;
      },
      getTarball: async () => {
        await enter("tarball");
        return tarball;
      },
      listWorkflowRuns: async (_repository, commit) => {
        await enter("workflow runs");
        const now = this.ci[Math.min(this.#ciLooks, this.ci.length - 1)];
        this.#ciLooks += 1;
        return now === undefined
          ? []
          : [
              {
                id: commit.slice(0, 12),
                name: "test",
                headCommit: commit,
                status: now[0],
                conclusion: now[1],
                url: "https://forge.example/runs/7",
              },
            ];
      },
      getPullRequest: async () => {
        await enter("pull request");
        return this.pull.read();
      },
      listPullFiles: async () => {
        await enter("pull files");
        return this.pull.files();
      },
      findReview: async (_repository, _number, commit, marker) => {
        await enter("reviews");
        return this.pull.find(commit, marker);
      },
      listInstallationRepositories: unused,
      getRepository: unused,
      findPullRequest: unused,
      getWorkflowRunLog: async () => {
        await enter("log");
        return "1 failing";
      },
    };
  }

  /** Makes tickets, each once by its key, as one process sees it. The database may fail before, or commit and lose the reply. */
  async createTickets(
    process: Process,
    source: string,
    titles: readonly string[],
  ): Promise<readonly { readonly id: string; readonly key: string; readonly title: string }[]> {
    await this.#world.moment(process, "in tickets");
    const { forge } = this.#world.troubles;
    this.#databaseFault(forge, "database failed");
    this.#mayWrite("tickets", this.#oracle.approval?.hash);
    for (const [index, title] of titles.entries()) {
      const key = `${source}:${index}`;
      if (!this.tickets.has(key))
        this.tickets.set(key, { id: String(this.tickets.size + 1), key: `K-${this.tickets.size + 1}`, title });
    }
    must(
      this.tickets.size === titles.length,
      "tickets-once",
      () => `${this.tickets.size} tickets of ${titles.length} tasks`,
    );
    await this.#world.moment(process, "after tickets");
    this.#databaseFault(forge, "database reply lost");
    return [...this.tickets.values()];
  }

  #databaseFault(probability: number, name: string): void {
    if (probability === 0 || !this.#world.chance.happens(probability)) return;
    this.#world.fault(name);
    throw new Error("D1_ERROR: internal error");
  }

  #writer(process: Process): Writer {
    return {
      writeCommit: async (_repository, approved, plan) => {
        await this.#before(process, "commit", approved);
        const identity = JSON.stringify([
          approved.hash,
          approved.baseCommit,
          plan.branch,
          plan.parentCommit,
          plan.message,
          plan.author,
          plan.committedAtMs,
        ]);
        const commit = createHash("sha1").update(identity).digest("hex");
        this.commits.set(commit, approved.hash);
        onePer(this.commits.values(), "commit");
        await this.#after(process, "commit");
        return { commit, tree: "e".repeat(40) };
      },
      createBranch: async (_repository, approved, branch, commit) => {
        await this.#before(process, "branch", approved);
        must(this.commits.get(commit) === approved.hash, "branch-points-at-its-commit", () => `${branch} at ${commit}`);
        this.branches.set(branch, { commit, hash: approved.hash });
        onePer(
          [...this.branches.values()].map(({ hash }) => hash),
          "branch",
        );
        await this.#after(process, "branch");
      },
      advanceBranch: async (_repository, approved, branch, { from, to }) => {
        await this.#before(process, "branch", approved);
        const stands = this.branches.get(branch)?.commit;
        must(stands === from || stands === to, "branch-goes-on-from-its-commit", () => `${branch} is at ${stands}`);
        must(this.commits.get(to) === approved.hash, "branch-points-at-its-commit", () => `${branch} at ${to}`);
        this.branches.set(branch, { commit: to, hash: approved.hash });
        await this.#after(process, "branch");
      },
      openPullRequest: async (_repository, approved, request) => {
        await this.#before(process, "pull request", approved);
        const head = this.branches.get(request.headBranch);
        must(head?.hash === approved.hash, "pull-request-of-its-branch", () => request.headBranch);
        const known = this.pulls.get(request.headBranch);
        const number = known?.number ?? this.pulls.size + 1;
        const pull = {
          number,
          url: `https://forge.example/pull/${number}`,
          state: "open" as const,
          merged: false,
          headBranch: request.headBranch,
          headCommit: head.commit,
          baseBranch: request.baseBranch,
          hash: approved.hash,
        };
        this.pulls.set(request.headBranch, pull);
        must(this.pulls.size === 1, "one-pull-request-a-run", () => `${this.pulls.size} pull requests`);
        onePer(
          [...this.pulls.values()].map(({ hash }) => hash),
          "pull request",
        );
        await this.#after(process, "pull request");
        return pull;
      },
      postReview: async (_repository, approved, marker) => {
        await this.#arrive(process, "review", approved.hash);
        const posted = this.pull.post(approved, marker);
        await this.#after(process, "review");
        return posted;
      },
    };
  }

  async #before(process: Process, what: string, approved: Approved): Promise<void> {
    await this.#arrive(process, what, approved.hash);
    const { baseCommit: base, changes, hash, repositoryId } = approved;
    must(
      patchSetHash(repositoryId, base, changes) === hash,
      "no-write-without-approval",
      () => `the ${what}'s bytes are not those of ${hash.slice(0, 8)}`,
    );
  }

  /** On the way to a write: the forge may refuse it before anything happened; an approval must stand behind it. */
  async #arrive(process: Process, what: string, hash: string): Promise<void> {
    await this.#world.moment(process, `before forge ${what}`);
    const { forge } = this.#world.troubles;
    this.#world.maybe(
      forge,
      `forge 502 before ${what}`,
      () => new PortError("forge", "transient", "server_error", "502", { status: 502 }),
    );
    this.#world.maybe(
      forge / 4,
      `forge 422 on ${what}`,
      () => new PortError("forge", "permanent", "unprocessable", "422", { status: 422 }),
    );
    this.#world.maybe(
      forge / 8,
      `forge 409 on ${what}`,
      () => new PortError("forge", "permanent", "ref_conflict", "409", { status: 409 }),
    );
    this.#mayWrite(what, hash);
  }

  async #after(process: Process, what: string): Promise<void> {
    await this.#world.moment(process, `after forge ${what}`);
    this.#world.maybe(
      this.#world.troubles.forge,
      `forge 502 after ${what}`,
      () => new PortError("forge", "transient", "server_error", "502", { status: 502 }),
    );
  }

  #mayWrite(what: string, hash: string | undefined): void {
    // A person who acts while the request is under way comes too late for it.
    const { approval, blocked, proposal, stepState } = this.#oracle;
    const approvedNow =
      approval?.decision === "approve" &&
      approval.hash === hash &&
      proposal?.hash === hash &&
      approval.baseCommit === proposal?.baseCommit;
    must(
      approvedNow && !blocked && stepState === "APPLYING",
      "no-write-without-approval",
      () => `${what} of ${hash?.slice(0, 8)} in ${stepState}, approval ${JSON.stringify(approval)}`,
    );
    this.#world.coverage.see("write", what);
  }
}

function onePer(hashes: Iterable<string>, what: string): void {
  const list = [...hashes];
  must(
    new Set(list).size === list.length,
    "one-write-per-approved-hash",
    () => `${list.length} ${what}s for ${new Set(list).size} approved hashes`,
  );
}
