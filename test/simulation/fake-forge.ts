import { patchSetHash, proposalHash } from "../../domain/patch-set/content-hash.ts";
import { byName, forgeGate, forgeReader, type ForgeHooks, type ForgeSides, type Write } from "../fakes/forge/ports.ts";
import type { RepositoryState } from "../fakes/forge/repository-state.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { ForgeReader, RepositoryRef } from "../../worker/ports/forge.ts";
import type { WriteGate } from "../../worker/services/patch-set/write-gate.ts";
import type { EventOracle } from "./event-oracle.ts";
import { FakePull } from "./fake-pull.ts";
import type { RunStart } from "./run-start.ts";
import { Site } from "./site.ts";
import { must } from "./violation.ts";
import type { Process, World } from "./world.ts";
import { modeLaws } from "./lawful-moves.ts";

/** Not read: the sandbox seeds itself from the base files. */
const tarball = new ReadableStream<Uint8Array>();
const names: Readonly<Record<Write["kind"], string>> = {
  commit: "commit",
  branch: "branch",
  advance: "branch",
  pull_request: "pull request",
  review: "review",
  close: "close",
  delete_branch: "branch deletion",
};

type PatchSetWrite = Extract<
  Write,
  { readonly approved: unknown; readonly kind: "commit" | "branch" | "advance" | "pull_request" }
>;

function isOfPatchSet(write: Write): write is PatchSetWrite {
  return write.kind !== "review" && write.kind !== "close" && write.kind !== "delete_branch";
}

/** The forge with the simulation's faults, and its own record of the writes and their approvals. */
export class FakeForge {
  readonly #world: World;
  readonly #oracle: EventOracle;
  /** Each repository with what was written to it. */
  readonly sites: readonly Site[];
  readonly pull: FakePull;
  readonly tickets = new Map<string, { readonly id: string; readonly key: string; readonly title: string }>();
  readonly #sides: ForgeSides;

  constructor(world: World, oracle: EventOracle, { repositories }: RunStart) {
    this.#world = world;
    this.#oracle = oracle;
    this.pull = new FakePull(world);
    this.sites = repositories.map((repository) => new Site(repository));
    const find = byName(new Map(this.sites.map(({ named, state }) => [named, state])));
    this.#sides = {
      repository: (reference) => {
        const state = find(reference);
        if (this.#siteOf(state).isRevoked) throw failure("permanent", "not_found", 404);
        return state;
      },
      pull: this.pull,
      log: () => "1 failing",
    };
  }

  /** Every repository can be read again. */
  calmDown(): void {
    for (const site of this.sites) site.isRevoked = false;
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
      getFile: async (repository, commit, path) => {
        const bytes = await reader.getFile(repository, commit, path);
        this.#atItsBase(repository, commit);
        return bytes;
      },
      getTarball: async (repository) => {
        await hooks.beforeRead?.("getTarball");
        this.#sides.repository(repository);
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
    this.#mayPublish("tickets", this.#oracle.approval?.hash);
    must(
      titles.join() === this.#oracle.titles.join(),
      "tickets-are-the-approved-plan",
      () => `${titles.join()} for ${this.#oracle.titles.join()}`,
    );
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
        this.#atItsBase(repository, commit);
        const { forge } = this.#world.troubles;
        if (forge === 0 || !this.#world.chance.happens(forge / 12)) return tree;
        this.#world.fault("forge stale base");
        return tree.map((entry) => ({ ...entry, blob: `00000000${entry.blob.slice(8)}` }));
      },
    };
  }

  /** Checks that a lane is read at its own base commit, or at the head in a review. */
  #atItsBase(reference: RepositoryRef, commit: string): void {
    const { baseCommit } = this.#sides.repository(reference);
    must(
      commit === baseCommit || modeLaws[this.#oracle.mode].product === "review",
      "reads-at-its-own-base",
      () => `${reference.name} at ${commit}`,
    );
  }

  #siteOf(state: RepositoryState): Site {
    const site = this.sites.find((each) => each.state === state);
    if (site === undefined) throw new Error("the forge has no such repository");
    return site;
  }

  /** In troubled times the App loses a repository for a while. */
  #revoke(): void {
    const { chance, troubles } = this.#world;
    if (this.sites.length === 1) return;
    for (const site of this.sites) if (site.isRevoked && chance.happens(0.3)) site.isRevoked = false;
    if (troubles.forge === 0 || !chance.happens(troubles.forge / 12)) return;
    this.#world.fault("repository revoked");
    chance.pick([...this.sites] as [Site, ...Site[]]).isRevoked = true;
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
        this.#revoke();
        const { forge } = world.troubles;
        world.maybe(forge / 3, "forge read 502", () => failure("transient", "server_error", 502));
        world.maybe(forge / 12, "forge read 401", () => failure("permanent", "unauthorized", 401));
        world.maybe(forge / 12, "forge read 403 rate", () => failure("transient", "rate_limited", 403, 60_000));
      },
      beforeWrite: async (write, state) => {
        const name = names[write.kind];
        await world.moment(process, `before forge ${name}`);
        const { forge } = world.troubles;
        world.maybe(forge, `forge 502 before ${name}`, () => failure("transient", "server_error", 502));
        world.maybe(forge / 4, `forge 422 on ${name}`, () => failure("permanent", "unprocessable", 422));
        world.maybe(forge / 8, `forge 409 on ${name}`, () => failure("permanent", "ref_conflict", 409));
        this.#mayWrite(name, write);
        if (isOfPatchSet(write)) this.#check(write, this.#siteOf(state));
      },
      afterWrite: async (write, state) => {
        if (isOfPatchSet(write)) this.#account(write, this.#siteOf(state));
        const name = names[write.kind];
        await world.moment(process, `after forge ${name}`);
        world.maybe(world.troubles.forge, `forge 502 after ${name}`, () => failure("transient", "server_error", 502));
      },
    };
  }

  /** A write is of the approved bytes and links, goes to its own repository, and fits what was written before it. */
  #check(write: PatchSetWrite, { branches, commits, repository, state }: Site): void {
    const { baseCommit, changes, hash, repositoryId } = write.approved;
    const { proposal } = this.#oracle.lanes.of(repositoryId);
    must(
      proposal !== undefined &&
        proposalHash(patchSetHash(repositoryId, baseCommit, changes, proposal.companions), proposal) === hash,
      "no-write-without-approval",
      () => `the ${names[write.kind]}'s bytes and links are not those of ${hash.slice(0, 8)}`,
    );
    must(
      repository.source.id === repositoryId && repository.baseCommit === baseCommit,
      "writes-to-its-own-repository",
      () => `${hash.slice(0, 8)} of ${repositoryId} goes to ${repository.source.name}`,
    );
    if (write.kind === "branch")
      must(
        commits.get(write.commit) === hash,
        "branch-points-at-its-commit",
        () => `${write.branch} at ${write.commit}`,
      );
    if (write.kind === "advance") {
      const { branch, from, to } = write;
      const stands = state.branches.get(branch);
      must(stands === from || stands === to, "branch-goes-on-from-its-commit", () => `${branch} is at ${stands}`);
      must(commits.get(to) === hash, "branch-points-at-its-commit", () => `${branch} at ${to}`);
    }
    if (write.kind === "pull_request")
      must(branches.get(write.branch) === hash, "pull-request-of-its-branch", () => write.branch);
  }

  #account(write: PatchSetWrite, { branches, commits, pulls, repository, state }: Site): void {
    const { hash } = write.approved;
    if (write.kind === "commit") commits.set(write.commit, hash);
    else if (write.kind === "pull_request") pulls.set(write.branch, hash);
    else branches.set(write.branch, hash);
    const written = state.pushed.filter((commit) => commits.get(commit) === hash).length;
    const approved = this.#oracle.lanes.writes.approvalsOf(hash);
    must(
      written <= approved,
      "one-write-per-approved-hash",
      () => `${written} pushed commits for ${approved} approvals of ${hash.slice(0, 8)} in ${repository.source.name}`,
    );
    must(
      state.pulls.length <= 1 && state.branches.size <= state.pulls.length + 1,
      "one-pull-request-a-lane",
      () => `${state.pulls.length} pull requests, ${state.branches.size} branches in ${repository.source.name}`,
    );
  }

  /** A person who acts while the request is under way comes too late for it. */
  #mayWrite(what: string, write: Write): void {
    const { lanes, stepState } = this.#oracle;
    must(stepState === "APPLYING", "no-write-without-approval", () => `${what} in ${stepState}`);
    if (write.kind === "review") return this.#mayPublish(what, write.approved.hash);
    if (!isOfPatchSet(write))
      return must(false, "no-write-without-approval", () => `a ${what}, which no simulated person asks for`);
    lanes.checkApplies();
    lanes.writes.checkTurn(lanes.of(write.approved.repositoryId), this.#kindOf(write), write.approved.hash);
    this.#world.coverage.see("write", what);
  }

  /** The write as the log calls it: a pull request that this patch set has opened gets its links. */
  #kindOf({ approved, kind }: PatchSetWrite): string {
    if (kind === "advance") return "branch";
    const isOpen = this.#oracle.lanes.of(approved.repositoryId).writes.has("pull_request");
    return kind === "pull_request" && isOpen ? "pull_request_links" : kind;
  }

  /** The plan's tickets or the review are what was approved. */
  #mayPublish(what: string, hash: string | undefined): void {
    const { approval, proposal, stepState } = this.#oracle;
    const approvedNow =
      approval?.decision === "approve" &&
      approval.hash === hash &&
      proposal?.hash === hash &&
      approval.baseCommit === proposal?.baseCommit;
    must(
      approvedNow && stepState === "APPLYING",
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
