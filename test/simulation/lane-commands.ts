import type { ApprovalVerb } from "../../contracts/patch-set.ts";
import type { RunState } from "../../contracts/run.ts";
import type { CommandResult } from "../../worker/ports/run-host.ts";
import { ada } from "../fakes/run-start.ts";
import { chooseRepositories, decidePatchSet, orderLanes } from "../person-commands.ts";
import type { EventOracle } from "./event-oracle.ts";
import { isLeftOut, type LaneSeen } from "./lane-seen.ts";
import { hasEnded, makesPatchSets, modeLaws } from "./lawful-moves.ts";
import type { MemoryJournal } from "./memory-journal.ts";
import type { World } from "./world.ts";

/** A command that a person is about to give, and what its answer must be. */
export interface Planned {
  readonly name: string;
  /** Whether a yes ends the step that is under way. */
  readonly ends: boolean;
  readonly may: boolean;
  readonly run: () => CommandResult;
  /** Whether a yes has left its trace. */
  readonly came: () => boolean;
}

interface Scene {
  readonly world: World;
  readonly oracle: EventOracle;
  readonly journal: () => MemoryJournal;
}

/** A person's mistake in a decision: a wrong hash or base commit. */
export interface Mistake {
  readonly hash?: string;
  readonly baseCommit?: string;
}

const nothing = { hash: "0".repeat(64), baseCommit: "0".repeat(40) };

/** A decision on a plan, a review, or the patch set of one lane: `lane`, or one that is drawn where there are several. */
export function plannedDecision(scene: Scene, decision: ApprovalVerb, wrong: Mistake = {}, lane?: LaneSeen): Planned {
  const { oracle, world } = scene;
  const { state } = oracle;
  const decided = makesPatchSets(oracle.mode) ? (lane ?? drawLane(scene)) : undefined;
  const isOfRun = !makesPatchSets(oracle.mode);
  const { hash, baseCommit } = (isOfRun ? oracle.proposal : decided?.proposal) ?? nothing;
  const approval = isOfRun ? oracle.approval : decided?.approval;
  const given = { hash, baseCommit, ...wrong };
  const isRight = hash !== nothing.hash && given.hash === hash && given.baseCommit === baseCommit;
  const isAllowed = state === "BLOCKED_POLICY" && decision === "approve" ? decided?.isBlocked === false : true;
  const isAsked = state === "WAITING_APPROVAL" || state === "BLOCKED_POLICY";
  const to = decided === undefined ? verbTo(oracle, decision) : stateAfter(oracle, decided, decision);
  return {
    name: `decide ${decision}`,
    ends: true,
    may: isRight && approval === undefined && isAsked && isAllowed,
    run: () => decidePatchSet(scene.journal(), { ...given, decision, comment: "because", by: ada }, world.nowMs),
    came: () => oracle.state === to && (decided ?? oracle).approval?.hash === given.hash,
  };
}

/** Another set of repositories: any subset of the run's, or those that are given. */
export function plannedChoice(scene: Scene, wanted?: readonly string[]): Planned {
  const { oracle, world } = scene;
  const { lanes, state } = oracle;
  const ids = lanes.start.repositories.map(({ source }) => source.id);
  const chosen = wanted ?? ids.filter(() => world.chance.happens(0.6));
  const present = lanes.chosen.map(({ id }) => id);
  const isSame = present.length === chosen.length && present.every((id) => chosen.includes(id));
  const isAsked = state === "WAITING_APPROVAL" || state === "BLOCKED_POLICY";
  const adds = chosen.some((id) => !present.includes(id));
  const hasWork = lanes.delivered.some(({ id }) => chosen.includes(id));
  const isWriting = state === "APPLYING" || (state === "NEEDS_HUMAN" && oracle.returnTo === "APPLYING");
  const may =
    !hasEnded(state) &&
    lanes.hasSeveral &&
    chosen.length > 0 &&
    !isSame &&
    !isWriting &&
    lanes.lanes.every(({ pull }) => pull === undefined);
  const isAnew = adds || !hasWork || !makesPatchSets(oracle.mode);
  const to = !isAsked ? state : isAnew ? modeLaws[oracle.mode].madeIn : "PATCHES_PROPOSED";
  return {
    name: "choose repositories",
    ends: true,
    may,
    run: () => chooseRepositories(scene.journal(), ada, chosen),
    came: () => oracle.state === to && lanes.lanes.every(({ id, isChosen }) => isChosen === chosen.includes(id)),
  };
}

/** An order of the lanes; one that is not of all chosen ones is refused. */
export function plannedOrder({ journal, oracle, world }: Scene): Planned {
  const { lanes, state } = oracle;
  const left = lanes.chosen.map(({ id }) => id);
  const order: string[] = [];
  while (left.length > 0) order.push(...left.splice(world.chance.int(left.length), 1));
  if (world.chance.happens(0.1)) order.pop();
  const isWriting = state === "APPLYING" || (state === "NEEDS_HUMAN" && oracle.returnTo === "APPLYING");
  const isAsked = state === "WAITING_APPROVAL" || state === "BLOCKED_POLICY";
  const may =
    !hasEnded(state) &&
    order.length === lanes.chosen.length &&
    !isWriting &&
    lanes.lanes.every(({ pull }) => pull === undefined);
  const to = isAsked && makesPatchSets(oracle.mode) ? "PATCHES_PROPOSED" : state;
  return {
    name: "order lanes",
    ends: isAsked,
    may,
    run: () => orderLanes(journal(), ada, order),
    came: () => oracle.state === to && lanes.chosen.map(({ id }) => id).join() === order.join(),
  };
}

/** One of the lanes with a patch set; most often one that waits. */
function drawLane({ oracle, world }: Scene): LaneSeen | undefined {
  const [first, ...others] = oracle.lanes.proposed;
  if (first === undefined || others.length === 0) return first;
  const waiting = [first, ...others].filter(({ approval }) => approval === undefined);
  const [one, ...more] = world.chance.happens(0.8) && waiting.length > 0 ? waiting : [first, ...others];
  return one === undefined ? first : world.chance.pick([one, ...more]);
}

function verbTo({ mode }: EventOracle, decision: ApprovalVerb): RunState {
  return decision === "approve" ? "APPLYING" : decision === "reject" ? "FAILED" : modeLaws[mode].madeIn;
}

/** Where the run is once this decision on this lane is recorded. */
function stateAfter({ lanes, mode, state }: EventOracle, decided: LaneSeen, decision: ApprovalVerb): RunState {
  if (decision === "request_changes") return modeLaws[mode].madeIn;
  const { proposed } = lanes;
  const isOut = (lane: LaneSeen): boolean => (lane === decided ? decision === "reject" : isLeftOut(lane));
  if (lanes.start.delivery === "all_or_none" && proposed.some(isOut)) return "FAILED";
  if (proposed.every(isOut)) return "FAILED";
  const waits = proposed.filter((lane) => lane !== decided && lane.approval === undefined);
  const isYes = (lane: LaneSeen): boolean => (lane === decided ? decision : lane.approval?.decision) === "approve";
  if (waits.length === 0) return proposed.some(isYes) ? "APPLYING" : "FAILED";
  const isHeld = proposed.some((lane) => lane.isBlocked && !isOut(lane));
  return state === "BLOCKED_POLICY" && !isHeld ? "WAITING_APPROVAL" : state;
}
