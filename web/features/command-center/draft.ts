import { useCallback, useState } from "react";
import {
  constrainableToolNames,
  effortLevels,
  startableModes,
  type Effort,
  type StartableMode,
} from "../../lib/vocabulary.ts";
import { ticketPrompt } from "../../../domain/board/ticket-prompt.ts";
import { modeOfTicket, modes } from "../../../domain/run/modes.ts";
import type { Ticket } from "../../../contracts/project.ts";
import type { Image } from "../../../contracts/upload.ts";
import type { Run, RunConstraints, RunLimits, StartRun } from "../../../contracts/run.ts";
import { limitNames } from "../../lib/limits.ts";

/** A request that a person is writing. Empty strings mean "the default". `key` starts one run however often it is sent. */
export interface Draft {
  readonly key: string;
  readonly prompt: string;
  readonly mode: StartableMode;
  readonly model: string;
  readonly effort: Effort;
  readonly projectId: string;
  /** The repositories to work on; none means the project's first. */
  readonly repositoryIds: readonly string[];
  /** True when the agent is to find out which repositories it needs. */
  readonly chooseRepositories: boolean;
  readonly baseBranch: string;
  /** The pull request to review, as it was typed: a number or an address. */
  readonly pullRequest: string;
  /** Images that go with the prompt, uploaded already. */
  readonly images: readonly Image[];
  /** The run's limits; an absent one is as the project has it. */
  readonly limits: RunLimits;
  /** The paths and tools that the run is held to; empty: everything. */
  readonly constraints: RunConstraints;
}

/** A draft with nothing in it but what the last one left: mode, model and effort. */
export function emptyDraft(last: Partial<Draft> = {}): Draft {
  return {
    key: crypto.randomUUID(),
    prompt: "",
    mode: last.mode ?? "implement",
    model: last.model ?? "",
    effort: last.effort ?? "medium",
    projectId: last.projectId ?? "",
    repositoryIds: last.repositoryIds ?? [],
    chooseRepositories: last.chooseRepositories ?? false,
    baseBranch: "",
    pullRequest: "",
    images: [],
    limits: {},
    constraints: {},
  };
}

/** The draft that a ticket suggests: its words as the prompt, its repository, and "Fix a bug" for a bug. */
export function draftOfTicket(ticket: Ticket, mode: StartableMode | null, last: Partial<Draft> = {}): Draft {
  return {
    ...emptyDraft(last),
    prompt: ticketPrompt(ticket),
    mode: mode ?? modeOfTicket(ticket.type),
    projectId: ticket.projectId,
    repositoryIds: ticket.repository === null ? [] : [ticket.repository.id],
    chooseRepositories: false,
  };
}

/** The draft that asks for a run's work once more, with the images that went with it. */
export function draftOfRun(run: Run, images: readonly Image[]): Draft {
  return {
    ...emptyDraft(),
    images,
    prompt: run.prompt,
    mode: modeNamed(run.mode) ?? "implement",
    model: run.model,
    effort: run.effort ?? "medium",
    projectId: run.projectId,
    repositoryIds: run.repositories.filter(({ isChosen }) => isChosen).map(({ repositoryId }) => repositoryId),
    ...(modes[run.mode].request.pullRequest
      ? { pullRequest: run.pullRequest === null ? "" : String(run.pullRequest.number) }
      : { baseBranch: run.repository.baseBranch }),
  };
}

/** The mode with this name, or null. */
export function modeNamed(value: string | undefined): StartableMode | null {
  return startableModes.find((mode) => mode === value) ?? null;
}

/** Changes fields of a draft: these, or those that come from the draft as it is by then. */
export type ChangeDraft = (fields: DraftFields | ((before: Draft) => DraftFields)) => void;
type DraftFields = Partial<Omit<Draft, "key">>;

function readRecord(storage: Storage, name: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(storage.getItem(name) ?? "null");
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

function limitsFrom(value: unknown): RunLimits {
  if (typeof value !== "object" || value === null) return {};
  const entries = new Map(Object.entries(value));
  return Object.fromEntries(
    limitNames.flatMap((name) => (typeof entries.get(name) === "number" ? [[name, entries.get(name)]] : [])),
  );
}

function draftFrom(record: Record<string, unknown>): Draft {
  const text = (name: string) => (typeof record[name] === "string" ? record[name] : "");
  const base = emptyDraft();
  return {
    key: text("key") === "" ? base.key : text("key"),
    prompt: text("prompt"),
    mode: modeNamed(text("mode")) ?? base.mode,
    model: text("model"),
    effort: effortLevels.find((effort) => effort === text("effort")) ?? base.effort,
    projectId: text("projectId"),
    repositoryIds: repositoriesFrom(record),
    chooseRepositories: record["chooseRepositories"] === true,
    baseBranch: text("baseBranch"),
    pullRequest: text("pullRequest"),
    images: Array.isArray(record["images"]) ? record["images"].filter(isImage) : [],
    limits: limitsFrom(record["limits"]),
    constraints: constraintsFrom(record["constraints"]),
  };
}

/** Drafts that were kept before a run could have several repositories name one. */
function repositoriesFrom(record: Record<string, unknown>): readonly string[] {
  const { repositoryId, repositoryIds } = record;
  if (Array.isArray(repositoryIds)) return repositoryIds.filter((id) => typeof id === "string");
  return typeof repositoryId === "string" && repositoryId !== "" ? [repositoryId] : [];
}

function constraintsFrom(value: unknown): RunConstraints {
  if (typeof value !== "object" || value === null) return {};
  const list = (name: string): readonly unknown[] => {
    const entry: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
    return Array.isArray(entry) ? entry : [];
  };
  const paths = list("paths").filter((path) => typeof path === "string");
  const tools = constrainableToolNames.filter((tool) => list("tools").includes(tool));
  return { ...(paths.length === 0 ? {} : { paths }), ...(tools.length === 0 ? {} : { tools }) };
}

/** The optional parts of a start request, only those that were chosen. */
export function chosenExtras(draft: Draft): Pick<StartRun, "constraints" | "images" | "limits"> {
  return {
    ...(draft.images.length === 0 ? {} : { images: draft.images.map(({ id }) => id) }),
    ...(Object.keys(draft.limits).length === 0 ? {} : { limits: draft.limits }),
    ...(Object.keys(draft.constraints).length === 0 ? {} : { constraints: draft.constraints }),
  };
}

function isImage(value: unknown): value is Image {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";
}

function write(storage: Storage, name: string, value: unknown): void {
  try {
    storage.setItem(name, JSON.stringify(value));
  } catch {
    // Storage may be blocked or full: the draft then lasts as long as the page.
  }
}

/** The choices of the run that was started last, for the next draft. */
export function lastChoices(): Partial<Draft> {
  const record = readRecord(localStorage, "last-choices");
  if (record === null) return {};
  const { mode, model, effort, projectId, repositoryIds, chooseRepositories } = draftFrom(record);
  return { mode, model, effort, projectId, repositoryIds, chooseRepositories };
}

/**
 * The draft kept under `name` in this tab, made by `initial` when there is none. Every change gets a new key, so that a resent request is
 * the same run and a changed one is not. `discard` forgets it once it has become a run.
 */
export function useDraft(name: string, initial: () => Draft) {
  const slot = `draft:${name}`;
  const [draft, setDraft] = useState<Draft>(() => {
    const stored = readRecord(sessionStorage, slot);
    return stored === null ? initial() : draftFrom(stored);
  });
  const change = useCallback(
    (fields: Parameters<ChangeDraft>[0]) => {
      setDraft((before) => {
        const next = {
          ...before,
          ...(typeof fields === "function" ? fields(before) : fields),
          key: crypto.randomUUID(),
        };
        write(sessionStorage, slot, next);
        return next;
      });
    },
    [slot],
  );
  const discard = useCallback(
    (started: Draft) => {
      sessionStorage.removeItem(slot);
      write(localStorage, "last-choices", started);
    },
    [slot],
  );
  return { draft, change, discard };
}
