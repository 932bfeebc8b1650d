import type { LaneSource } from "../../contracts/lane.ts";
import type { NewRunEvent, RunEventData } from "../../contracts/run-events.ts";
import type { RunMode } from "../../contracts/run.ts";
import type { RunSpec } from "../../worker/ports/run-host.ts";
import { baseCommit, reviewedHead, runCreated, runSpec, someRepository } from "../fakes/run-start.ts";
import { filesOf } from "../fakes/forge/repository-state.ts";
import type { FileEntry } from "../fakes/sandbox/tree.ts";
import type { Chance } from "./chance.ts";
import { modelId } from "./fake-model.ts";

/** The head of the pull request under review when the run is started. */
export const firstHead = reviewedHead;

/** One repository of a history: its files, its head, and the command that runs its tests. */
export interface SimulatedRepository {
  readonly source: LaneSource;
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly baseCommit: string;
  readonly testCommand: string | null;
  /** Ids of the repositories whose packages its manifest names. */
  readonly needs: readonly string[];
}

/** The start of a history's run. */
export interface RunStart {
  readonly mode: RunMode;
  readonly repositories: readonly SimulatedRepository[];
  readonly choice: RunEventData<"run.created">["choice"];
  readonly delivery: RunEventData<"run.created">["delivery"];
}

const sources = { "src/a.txt": "a\nbug\n", "src/b.txt": "b\n", "test/base.test.txt": "WANTS-SOUND\n" };

/** The repository of a run that has no other. */
const alone: SimulatedRepository = {
  source: { ...someRepository, folder: "", dependsOn: [] },
  files: filesOf({ "package.json": '{"scripts":{"test":"check"}}', ...sources }),
  baseCommit,
  testCommand: "check",
  needs: [],
};

const packageOf = (name: string, needs: readonly string[]): string =>
  JSON.stringify({ name, version: "1.0.0", dependencies: Object.fromEntries(needs.map((need) => [need, "^1.0.0"])) });

/** A consumer, the library that it needs, and a tool without tests, in an order in which they may not be written. */
const several: readonly SimulatedRepository[] = [
  {
    source: { id: "1", owner: "o", name: "app", baseBranch: "main", folder: "app", dependsOn: [] },
    files: filesOf({ "package.json": packageOf("app", ["lib"]), ...sources }),
    baseCommit: "1".repeat(40),
    testCommand: "check",
    needs: ["2"],
  },
  {
    source: { id: "2", owner: "o", name: "lib", baseBranch: "main", folder: "lib", dependsOn: [] },
    files: filesOf({ "package.json": packageOf("lib", []), ...sources }),
    baseCommit: "2".repeat(40),
    testCommand: "check",
    needs: [],
  },
  {
    source: { id: "3", owner: "o", name: "tool", baseBranch: "trunk", folder: "tool", dependsOn: [] },
    files: filesOf({ "package.json": packageOf("tool", []), ...sources }),
    baseCommit: "3".repeat(40),
    testCommand: null,
    needs: [],
  },
];

/** The project's own declared dependencies: none, one edge, a chain, a cycle with a manifest, a cycle of its own. */
const declarations: readonly (readonly [Readonly<Record<string, readonly string[]>>, number])[] = [
  [{}, 6],
  [{ "3": ["1"] }, 3],
  [{ "2": ["3"] }, 3],
  [{ "2": ["1"] }, 0.6],
  [{ "1": ["3"], "3": ["1"] }, 0.4],
];

/** A start over one repository. Nothing is drawn for it, so that tapes from before there were lanes keep their meaning. */
export function startOfOne(mode: RunMode): RunStart {
  return { mode, repositories: [alone], choice: "fixed", delivery: "all_or_none" };
}

/** Draws a start over three repositories. */
export function drawStartOfThree(chance: Chance, mode: RunMode): RunStart {
  const choice = chance.happens(0.35) ? "open" : "fixed";
  const delivery = chance.happens(0.5) ? "lane_by_lane" : "all_or_none";
  const [first, ...rest] = declarations;
  const declared = first === undefined ? {} : chance.weighted([first, ...rest]);
  const repositories = several.map((repository) => ({
    ...repository,
    source: { ...repository.source, dependsOn: [...(declared[repository.source.id] ?? [])] },
  }));
  return { mode, repositories, choice, delivery };
}

/** The settings of a start. */
export function specOf({ repositories }: RunStart): RunSpec {
  return runSpec({
    repositories: repositories.map(({ source, testCommand }) => ({
      ...{ id: source.id, owner: source.owner, name: source.name, baseBranch: source.baseBranch },
      installationId: "1",
      externalId: `1${source.id}`,
      testCommand,
    })),
  });
}

/** A run's first event. */
export function createdEvent({ choice, delivery, mode, repositories }: RunStart): NewRunEvent {
  const lanes = repositories.map(({ source }) => source);
  return runCreated({ mode, model: modelId, choice, delivery, repositories: lanes });
}
