import { isDeepStrictEqual } from "node:util";
import type { RunEvent, RunEventData } from "../../contracts/run-events.ts";
import { patchSetHash, proposalHash } from "../../domain/patch-set/content-hash.ts";
import type { TreeChange } from "../../domain/patch-set/types.ts";
import type { JournalWrite } from "../../worker/services/run/engine/journal.ts";
import type { Coverage } from "./coverage.ts";
import { checkOrder, checkWritten } from "./lane-checks.ts";
import { isAgreed, isLeftOut, isSameWork, linksOf, unseenLane, type LaneSeen } from "./lane-seen.ts";
import { LaneWritesOracle } from "./lane-writes-oracle.ts";
import type { RunStart } from "./run-start.ts";
import { must } from "./violation.ts";
import { modeLaws } from "./lawful-moves.ts";

/** The saved work of a lane, as the disk has it once the write under way is stored. */
export type WorkOf = (repositoryId: string) => readonly TreeChange[];

/** Follows the lanes of a run event by event and checks, independently of the fold, that each event is allowed. */
export class LaneOracle {
  readonly start: RunStart;
  readonly writes: LaneWritesOracle;
  /** In the order in which they are written. */
  lanes: readonly LaneSeen[];
  /** Whether triage has still to choose. */
  isChoiceOpen: boolean;
  /** Lanes that depend on each other and wait for a person's order. */
  cycle: readonly string[] = [];
  isOrdered = false;
  /** The files of the agent's acknowledged writes, by path from the root: no crash may lose them. */
  readonly written = new Map<string, string>();
  readonly #coverage: Coverage;
  readonly #workOf: WorkOf;

  constructor(start: RunStart, workOf: WorkOf, coverage: Coverage) {
    this.start = start;
    this.#workOf = workOf;
    this.#coverage = coverage;
    this.lanes = start.repositories.map(unseenLane);
    this.isChoiceOpen = start.choice === "open";
    this.writes = new LaneWritesOracle(() => this.delivered, coverage);
  }

  get hasSeveral(): boolean {
    return this.lanes.length > 1;
  }

  get chosen(): readonly LaneSeen[] {
    return this.lanes.filter(({ isChosen }) => isChosen);
  }

  /** Chosen lanes with a patch set. */
  get proposed(): readonly LaneSeen[] {
    return this.chosen.filter(({ proposal }) => proposal !== undefined);
  }

  /** Proposed lanes that no person has left out. */
  get delivered(): readonly LaneSeen[] {
    return this.proposed.filter((lane) => !isLeftOut(lane));
  }

  /** The lane of a repository. Throws a Violation when the run has none. */
  of(repositoryId: string): LaneSeen {
    const lane = this.lanes.find(({ id }) => id === repositoryId);
    must(lane !== undefined, "lanes-of-the-run", () => `there is no repository ${repositoryId}`);
    return lane;
  }

  /** Takes the next event. Throws a Violation when it may not come now. */
  take(event: RunEvent, write: JournalWrite): void {
    switch (event.type) {
      case "base.resolved":
        return this.#based(event.data);
      case "repositories.chosen":
        return this.#chosen(event.data);
      case "lanes.ordered":
        return this.#ordered(event.data);
      case "workspace.saved":
        return this.#saved(event.data);
      case "tests.reported":
        this.of(event.data.repositoryId).tests = event.data;
        return;
      case "patch_set.proposed":
        return this.#proposed(event.data, write);
      case "patch_set.withdrawn":
        return this.#withdrawn(event.data);
      case "policy.evaluated":
        return this.#judged(event.data);
      case "gate.evaluated":
        this.#gated(event.data);
        return this.writes.take(event, (id) => this.of(id));
      case "approval.decided":
        return this.#decided(event.data);
      default:
        return this.writes.take(event, (id) => this.of(id));
    }
  }

  /** The tester begins: reports of an earlier attempt no longer count. */
  forgetTests(): void {
    for (const lane of this.lanes) lane.tests = undefined;
  }

  /** The tests are passed: every changed repository that has tests was tested, and none failed. */
  checkTested(): void {
    const changed = this.chosen.filter(({ id }) => this.#workOf(id).length > 0);
    const reports = changed.map(({ tests }) => tests);
    must(
      changed.every(({ tests }) => tests !== undefined && (tests.command === null || tests.after?.exitCode === 0)),
      "never-done-with-failing-tests",
      () => `left TESTING with ${JSON.stringify(reports.map((report) => report?.after))}`,
    );
    must(
      changed.every(({ repository, tests }) => (tests?.command === null) === (repository.testCommand === null)),
      "every-changed-repository-is-tested",
      () => JSON.stringify(reports.map((report) => report?.command)),
    );
    // Without a test that ran, a person decides.
    const run = reports.filter((report) => report?.after?.ran != null && report.after.ran.passed > 0);
    const proves = run.some(
      (report) => report?.regression?.failedOnBase === true || (report?.held?.cases?.fixed.length ?? 0) > 0,
    );
    must(proves || run.length === 0 || !modeLaws[this.start.mode].provesABug, "a-bug-fix-proves-its-bug", () =>
      JSON.stringify(reports),
    );
  }

  /** Gate G4 is green only over work that leaves the base's own test as it was and breaks nothing that it looks at. */
  #gated({ gate, repositoryId, status }: RunEventData<"gate.evaluated">): void {
    if (gate !== "G4" || repositoryId === null) return;
    this.#coverage.see("tests", `G4 ${status}`);
    if (status !== "pass") return;
    const work = this.#workOf(repositoryId);
    const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes ?? new Uint8Array());
    must(
      work.every(({ path }) => path !== "test/base.test.txt"),
      "no-green-over-changed-tests",
      () => "the patch set changes the base's own test, and gate G4 passes",
    );
    must(
      !work.some(({ bytes, path }) => path.startsWith("src/") && text(bytes).includes("BROKEN")),
      "no-green-over-broken-code",
      () => "the patch set breaks the code, and gate G4 passes",
    );
  }

  /** The run leaves PATCHES_PROPOSED: exactly the lanes that change something have a patch set of their work and links. */
  checkProposed(isBlocked: boolean): void {
    const changing = this.chosen.filter((lane) => this.#workOf(lane.id).length > 0 && !this.#staysOut(lane));
    for (const lane of changing) {
      const links = linksOf(lane, changing, this.chosen);
      const work = patchSetHash(lane.id, lane.repository.baseCommit, this.#workOf(lane.id), links);
      must(
        lane.proposal !== undefined &&
          lane.proposal.hash === proposalHash(work, lane.proposal) &&
          isDeepStrictEqual(lane.proposal.companions, links),
        "proposes-the-work-and-its-links",
        () =>
          `${lane.repository.source.name}: ${JSON.stringify(lane.proposal?.companions)}, expected ${JSON.stringify(links)}`,
      );
    }
    for (const lane of this.chosen)
      must(
        lane.proposal === undefined || lane.pull !== undefined || this.#workOf(lane.id).length > 0,
        "no-patch-set-without-work",
        () => `${lane.repository.source.name} has an empty patch set`,
      );
    const blocked = this.delivered.filter((lane) => lane.isBlocked).map(({ id }) => id);
    must(
      isBlocked === blocked.length > 0,
      "what-is-blocked-stops",
      () => `blocked ${isBlocked}, lanes with violations: ${blocked.join(", ")}`,
    );
    must(
      this.delivered.some((lane) => lane.approval === undefined),
      "asks-only-what-can-be-answered",
      () => "a person is asked, and no patch set waits for a decision",
    );
  }

  /** The run begins to write: every lane that changes something is decided, and nothing is written without a yes. */
  checkApplies(): void {
    const { delivery } = this.start;
    const undecided = this.proposed.filter(
      (lane) => !isAgreed(lane) && !(delivery === "lane_by_lane" && isLeftOut(lane)) && !this.#isOutgrown(lane),
    );
    must(
      undecided.length === 0 && this.proposed.some(isAgreed),
      "applies-only-approved",
      () =>
        `${undecided.map(({ approval, id }) => `${id} ${JSON.stringify(approval)}`).join(", ")} of ${this.proposed.length}`,
    );
  }

  /** A lane with an open pull request whose work was undone: it is not proposed anew, and its older version stays open. */
  #isOutgrown(lane: LaneSeen): boolean {
    return lane.pull !== undefined && this.#workOf(lane.id).length === 0;
  }

  /** Whether the lane's work equals, byte for byte, the work that a person left out. */
  #staysOut(lane: LaneSeen): boolean {
    const { proposal } = lane;
    if (!isLeftOut(lane) || proposal === undefined) return false;
    const { baseCommit } = lane.repository;
    const work = patchSetHash(lane.id, baseCommit, this.#workOf(lane.id), proposal.companions);
    return proposalHash(work, proposal) === proposal.hash;
  }

  #based({ baseCommit, repositoryId }: RunEventData<"base.resolved">): void {
    const lane = this.of(repositoryId);
    lane.hasBase = true;
    must(
      lane.repository.baseCommit === baseCommit,
      "each-lane-has-its-own-base",
      () => `${lane.repository.source.name} at ${baseCommit}`,
    );
  }

  #chosen({ by, repositoryIds }: RunEventData<"repositories.chosen">): void {
    this.#coverage.see("lanes", `chosen by ${by.kind}`);
    must(repositoryIds.length > 0, "chooses-at-least-one", () => "no repository is chosen");
    for (const id of repositoryIds) this.of(id);
    for (const lane of this.lanes) lane.isChosen = repositoryIds.includes(lane.id);
    this.isChoiceOpen = false;
    this.isOrdered = false;
    this.cycle = [];
  }

  #ordered({ by, cycle, edges, order }: RunEventData<"lanes.ordered">): void {
    this.#coverage.see("lanes", cycle.length > 0 ? "cycle" : `ordered by ${by.kind}`);
    const { chosen } = this;
    must(
      order.length === chosen.length && chosen.every(({ id }) => order.includes(id)),
      "orders-the-chosen-lanes",
      () => `${order.join(", ")} of ${chosen.map(({ id }) => id).join(", ")}`,
    );
    if (by.kind === "system") {
      // Only now are the manifests read.
      for (const lane of chosen) for (const need of lane.repository.needs) lane.dependsOn.add(need);
      checkOrder(chosen, order, cycle);
    }
    for (const { from, to } of edges) this.of(from).dependsOn.add(to);
    const at = (lane: LaneSeen): number => order.indexOf(lane.id);
    const rest = this.lanes.filter((lane) => at(lane) < 0);
    this.lanes = [...chosen.toSorted((a, b) => at(a) - at(b)), ...rest];
    this.cycle = cycle;
    this.isOrdered = true;
  }

  #saved({ digest, repositoryId }: RunEventData<"workspace.saved">): void {
    const lane = this.of(repositoryId);
    must(lane.isChosen, "only-chosen-lanes-are-saved", () => lane.repository.source.name);
    if (!this.hasSeveral) return;
    must(
      digest === patchSetHash(repositoryId, lane.repository.baseCommit, this.#workOf(repositoryId)),
      "saves-what-it-says",
      () => `${lane.repository.source.name}: the digest is of other work`,
    );
  }

  #proposed(proposed: RunEventData<"patch_set.proposed">, write: JournalWrite): void {
    const lane = this.of(proposed.repositoryId);
    const { name } = lane.repository.source;
    must(lane.isChosen, "only-chosen-lanes-are-proposed", () => name);
    must(proposed.version === lane.versions + 1, "versions-in-order", () => `${name}: ${proposed.version}`);
    must(
      proposed.parentCommit === (lane.pull?.commit ?? null) &&
        (lane.pull === undefined || proposed.headBranch === lane.pull.branch),
      "goes-on-from-its-own-pull-request",
      () => `${name}: ${proposed.headBranch} on ${proposed.parentCommit}`,
    );
    const { approval, proposal } = lane;
    must(
      approval === undefined || approval.decision === "request_changes" || !isSameWork(proposal, proposed),
      "keeps-the-decision-on-the-same-bytes",
      () => `${name} was ${approval?.decision}, and is proposed again`,
    );
    const changes = write.patchSets?.find(({ hash }) => hash === proposed.hash)?.changes ?? [];
    must(
      proposalHash(patchSetHash(lane.id, lane.repository.baseCommit, changes, proposed.companions), proposed) ===
        proposed.hash,
      "proposes-the-work-and-its-links",
      () => `${name}: the hash is not of the stored bytes and links`,
    );
    checkWritten(lane, changes, this.written);
    if (this.hasSeveral) this.#coverage.see("lanes", `proposed v${Math.min(3, proposed.version)}`);
    lane.proposal = proposed;
    lane.versions = proposed.version;
    lane.approval = undefined;
    lane.isBlocked = false;
    lane.writes.clear();
  }

  #withdrawn({ hash, repositoryId }: RunEventData<"patch_set.withdrawn">): void {
    const lane = this.of(repositoryId);
    this.#coverage.see("lanes", "withdrawn");
    must(
      lane.isChosen && lane.proposal?.hash === hash && lane.pull === undefined && this.#workOf(lane.id).length === 0,
      "withdraws-only-undone-work",
      () => `${lane.repository.source.name} has ${this.#workOf(lane.id).length} changes, pull ${lane.pull?.number}`,
    );
    lane.proposal = undefined;
    lane.approval = undefined;
    lane.isBlocked = false;
    lane.writes.clear();
  }

  #judged({ hash, repositoryId, violations }: RunEventData<"policy.evaluated">): void {
    const lane = this.of(repositoryId);
    must(lane.proposal?.hash === hash, "judges-what-is-proposed", () => `${repositoryId}: ${hash.slice(0, 8)}`);
    lane.isBlocked = violations.some(({ severity }) => severity === "BLOCK");
  }

  #decided(decided: RunEventData<"approval.decided">): void {
    if (decided.repositoryId === null) return;
    const lane = this.of(decided.repositoryId);
    must(
      lane.approval === undefined,
      "first-decision-counts",
      () => `a second decision on ${decided.hash.slice(0, 8)} of ${lane.repository.source.name}`,
    );
    must(
      lane.isChosen && lane.proposal?.hash === decided.hash && lane.proposal.baseCommit === decided.baseCommit,
      "decides-on-what-waits",
      () => `${lane.repository.source.name}: ${decided.hash.slice(0, 8)}`,
    );
    lane.approval = decided;
    if (this.hasSeveral) this.#coverage.see("lanes", `decision ${decided.decision}`);
    if (decided.decision === "approve") this.writes.approved(decided.hash);
  }
}
