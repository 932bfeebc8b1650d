import type { RunEvent, RunEventData } from "../../contracts/run-events.ts";
import type { Coverage } from "./coverage.ts";
import { isAgreed, type LaneSeen } from "./lane-seen.ts";
import { must } from "./violation.ts";

/** The phases of a delivery: each is done in every lane, in their order, before the next begins in any. */
const phases = ["commit", "branch", "pull_request", "pull_request_links"] as const;

/** Follows the writes and the CI of lanes. */
export class LaneWritesOracle {
  readonly #delivered: () => readonly LaneSeen[];
  readonly #coverage: Coverage;
  /** Versions whose write of a kind is done: `<lane> v<version> <kind>`. */
  readonly #done = new Set<string>();
  /** The number of approvals of each hash, which is also the most commits of it. */
  readonly #approvals = new Map<string, number>();

  constructor(delivered: () => readonly LaneSeen[], coverage: Coverage) {
    this.#delivered = delivered;
    this.#coverage = coverage;
  }

  /** Records an approval of a hash. */
  approved(hash: string): void {
    this.#approvals.set(hash, this.approvalsOf(hash) + 1);
  }

  /** The number of approvals of a hash. */
  approvalsOf(hash: string): number {
    return this.#approvals.get(hash) ?? 0;
  }

  /** Takes the next event. Throws a Violation when it may not come now. */
  take(event: RunEvent, laneOf: (repositoryId: string) => LaneSeen): void {
    switch (event.type) {
      case "write.started":
      case "write.finished": {
        const { kind, repositoryId } = event.data;
        if (repositoryId === null) return;
        const lane = laneOf(repositoryId);
        this.checkTurn(lane, kind, event.data.hash);
        if (event.type === "write.started") return;
        const key = `${lane.id} v${lane.versions} ${kind}`;
        must(!this.#done.has(key), "write-once", () => `${key} finished twice`);
        this.#done.add(key);
        lane.writes.add(kind);
        return;
      }
      case "pull_request.opened": {
        const lane = laneOf(event.data.repositoryId);
        must(
          lane.pull === undefined || lane.pull.number === event.data.number,
          "one-pull-request-a-lane",
          () => `${lane.repository.source.name}: ${event.data.number} beside ${lane.pull?.number}`,
        );
        lane.pull = event.data;
        lane.isCiJudged = false;
        return;
      }
      case "gate.evaluated":
        if (event.data.repositoryId !== null && event.data.gate === "G5")
          laneOf(event.data.repositoryId).isCiJudged = true;
        return;
      case "ci.updated":
        laneOf(event.data.repositoryId).checks.set(event.data.checkId, event.data);
        return;
      default:
    }
  }

  /** A write of this kind is due in this lane now: approved, the phases before done everywhere, and the lanes before it done. */
  checkTurn(lane: LaneSeen, kind: string, hash: string | undefined): void {
    const { name } = lane.repository.source;
    must(
      isAgreed(lane) && lane.proposal?.hash === hash,
      "no-write-without-approval",
      () => `${kind} of ${hash?.slice(0, 8)} in ${name}, approval ${JSON.stringify(lane.approval)}`,
    );
    const phase = phases.findIndex((each) => each === kind);
    const agreed = this.#delivered().filter(isAgreed);
    const at = agreed.indexOf(lane);
    for (const [index, other] of agreed.entries())
      for (const earlier of phases.slice(0, index < at ? phase + 1 : phase))
        must(
          other.writes.has(earlier) || !isDue(other, earlier),
          "writes-in-order",
          () => `${kind} of ${name} before the ${earlier} of ${other.repository.source.name}`,
        );
  }

  /** The delivery is over: every agreed lane has all its writes. */
  checkDelivered(): void {
    const agreed = this.#delivered().filter(isAgreed);
    if (agreed.length > 1) this.#coverage.see("lanes", `${agreed.length} delivered`);
    must(agreed.length > 0, "delivers-what-was-approved", () => "nothing was delivered");
    for (const lane of agreed)
      for (const kind of phases)
        must(
          lane.writes.has(kind) === isDue(lane, kind),
          "delivers-what-was-approved",
          () => `${lane.repository.source.name}: ${kind} ${lane.writes.has(kind) ? "without need" : "is missing"}`,
        );
  }

  /** CI sends work back, or is given up: some lane's present commit has failed. */
  checkRed(): void {
    const watched = this.#delivered().filter(({ pull }) => pull !== undefined);
    must(
      watched.some((lane) => presentChecks(lane).some(hasFailed)),
      "red-by-its-present-commit",
      () => JSON.stringify(watched.map(({ checks, pull }) => [pull?.commit, ...checks.values()])),
    );
    if (watched.length > 1) this.#coverage.see("lanes", "red lane of several");
  }

  /** Checks that CI has passed: no delivered lane's present commit has a failed or running check. */
  checkGreen(): void {
    for (const lane of this.#delivered())
      must(
        lane.pull !== undefined &&
          lane.isCiJudged &&
          presentChecks(lane).every((run) => run.status === "completed" && !hasFailed(run)),
        "green-in-every-lane",
        () => `${lane.repository.source.name}: ${JSON.stringify(presentChecks(lane))}`,
      );
  }
}

/** Whether a lane has a write of this kind to do: links only where there is another pull request. */
function isDue({ proposal }: LaneSeen, kind: string): boolean {
  return kind !== "pull_request_links" || (proposal?.companions.length ?? 0) > 0;
}

function presentChecks({ checks, pull }: LaneSeen): readonly RunEventData<"ci.updated">[] {
  return [...checks.values()].filter(({ commit }) => commit === pull?.commit);
}

function hasFailed({ conclusion, status }: RunEventData<"ci.updated">): boolean {
  return status === "completed" && conclusion !== "success";
}
