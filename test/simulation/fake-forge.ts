import { patchSetHash } from "../../domain/patch-set/content-hash.ts";
import { forgeGate, forgeReader, type ForgeHooks, type ForgeSides, type Write } from "../fakes/forge/ports.ts";
import { RepositoryState, type CiStatus } from "../fakes/forge/repository-state.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { ForgeReader } from "../../worker/ports/forge.ts";
import type { WriteGate } from "../../worker/services/patch-set/write-gate.ts";
import type { EventOracle } from "./event-oracle.ts";
import { FakePull } from "./fake-pull.ts";
import { baseEntries } from "./fake-sandbox.ts";
import { must } from "./violation.ts";
import type { Process, World } from "./world.ts";

/** Nothing reads it: the sandbox seeds itself from the base files. */
const tarball = new ReadableStream<Uint8Array>();
const names: Readonly<Record<Write["kind"], string>> = {
  commit: "commit",
  branch: "branch",
  advance: "branch",
  pull_request: "pull request",
  review: "review",
};

/** The forge with the simulation's troubles, and its own account: what was written, and for which approval. */
export class FakeForge {
  readonly #world: World;
  readonly #oracle: EventOracle;
  readonly repository = new RepositoryState(baseEntries);
  readonly pull: FakePull;
  readonly tickets = new Map<string, { readonly id: string; readonly key: string; readonly title: string }>();
  /** How CI goes: by the number of times that it was looked at. */
  ci: readonly CiStatus[] = [{ status: "completed", conclusion: "success" }];
  /** The approved hash behind each commit, branch and pull request, by commit id or branch name. */
  readonly hashes = {
    commits: new Map<string, string>(),
    branches: new Map<string, string>(),
    pulls: new Map<string, string>(),
  };
  readonly #sides: ForgeSides;
  #ciLooks = 0;

  constructor(world: World, oracle: EventOracle) {
    this.#world = world;
    this.#oracle = oracle;
    this.pull = new FakePull(world);
    this.repository.ci = () => {
      this.#ciLooks += 1;
      return this.ci[Math.min(this.#ciLooks, this.ci.length) - 1];
    };
    this.#sides = { repository: () => this.repository, pull: this.pull, log: () => "1 failing" };
  }

  /** The gate over this forge, as one process sees it. */
  gate(process: Process): WriteGate {
    return forgeGate(this.#sides, this.#hooks(process), (reader) => this.#withStaleBase(reader));
  }

  /** The reads, as one process sees them. */
  reader(process: Process): ForgeReader {
    const hooks = this.#hooks(process);
    const reader = this.#withStaleBase(forgeReader(this.#sides, hooks));
    return {
      ...reader,
      getTarball: async () => {
        await hooks.beforeRead?.("getTarball");
        return tarball;
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

  /** Sometimes the forge's tree is another than the sandbox was seeded with. */
  #withStaleBase(reader: ForgeReader): ForgeReader {
    return {
      ...reader,
      getTree: async (repository, commit) => {
        const tree = await reader.getTree(repository, commit);
        const { forge } = this.#world.troubles;
        if (forge === 0 || !this.#world.chance.happens(forge / 12)) return tree;
        this.#world.fault("forge stale base");
        return tree.map((entry) => ({ ...entry, blob: "0".repeat(40) }));
      },
    };
  }

  #databaseFault(probability: number, name: string): void {
    if (probability === 0 || !this.#world.chance.happens(probability)) return;
    this.#world.fault(name);
    throw new Error("D1_ERROR: internal error");
  }

  #hooks(process: Process): ForgeHooks {
    const { world } = { world: this.#world };
    return {
      beforeRead: async (what) => {
        await world.moment(process, `in forge ${what}`);
        const { forge } = world.troubles;
        world.maybe(forge / 3, "forge read 502", () => failure("transient", "server_error", 502));
        world.maybe(forge / 12, "forge read 401", () => failure("permanent", "unauthorized", 401));
        world.maybe(forge / 12, "forge read 403 rate", () => failure("transient", "rate_limited", 403, 60_000));
      },
      beforeWrite: async (write) => {
        const name = names[write.kind];
        await world.moment(process, `before forge ${name}`);
        const { forge } = world.troubles;
        world.maybe(forge, `forge 502 before ${name}`, () => failure("transient", "server_error", 502));
        world.maybe(forge / 4, `forge 422 on ${name}`, () => failure("permanent", "unprocessable", 422));
        world.maybe(forge / 8, `forge 409 on ${name}`, () => failure("permanent", "ref_conflict", 409));
        this.#mayWrite(name, write.approved.hash);
        this.#check(write);
      },
      afterWrite: async (write) => {
        this.#account(write);
        const name = names[write.kind];
        await world.moment(process, `after forge ${name}`);
        world.maybe(world.troubles.forge, `forge 502 after ${name}`, () => failure("transient", "server_error", 502));
      },
    };
  }

  /** A write is of the approved bytes, and fits what was written before it. */
  #check(write: Write): void {
    if (write.kind === "review") return;
    const { commits, branches } = this.hashes;
    const { baseCommit, changes, hash, repositoryId } = write.approved;
    must(
      patchSetHash(repositoryId, baseCommit, changes) === hash,
      "no-write-without-approval",
      () => `the ${names[write.kind]}'s bytes are not those of ${hash.slice(0, 8)}`,
    );
    if (write.kind === "branch")
      must(
        commits.get(write.commit) === hash,
        "branch-points-at-its-commit",
        () => `${write.branch} at ${write.commit}`,
      );
    if (write.kind === "advance") {
      const { branch, from, to } = write;
      const stands = this.repository.branches.get(branch);
      must(stands === from || stands === to, "branch-goes-on-from-its-commit", () => `${branch} is at ${stands}`);
      must(commits.get(to) === hash, "branch-points-at-its-commit", () => `${branch} at ${to}`);
    }
    if (write.kind === "pull_request")
      must(branches.get(write.branch) === hash, "pull-request-of-its-branch", () => write.branch);
  }

  #account(write: Write): void {
    if (write.kind === "review") return;
    const { branches, commits, pulls } = this.hashes;
    const { hash } = write.approved;
    if (write.kind === "commit") commits.set(write.commit, hash);
    else if (write.kind === "pull_request") pulls.set(write.branch, hash);
    else branches.set(write.branch, hash);
    for (const [name, written] of Object.entries(this.hashes)) onePer([...written.values()], name);
    must(
      this.repository.pulls.length <= 1,
      "one-pull-request-a-run",
      () => `${this.repository.pulls.length} pull requests`,
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

function failure(kind: PortError["kind"], code: string, status: number, retryAfterMs?: number): PortError {
  return new PortError("forge", kind, code, String(status), {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function onePer(hashes: readonly string[], what: string): void {
  must(
    new Set(hashes).size === hashes.length,
    "one-write-per-approved-hash",
    () => `${hashes.length} ${what} for ${new Set(hashes).size} approved hashes`,
  );
}
