import type { AllRunLimits, RunLimits } from "../../contracts/run.ts";
import { plainDollars, readDollars } from "./dollars.ts";
import { stageTurns } from "./vocabulary.ts";

export type LimitName = keyof AllRunLimits;
/** The limits of a run as a form has them: dollars, minutes, turns; empty where there is none. */
export type TypedLimits = Readonly<Record<LimitName, string>>;

export const limitNames = ["costMicros", "wallTimeMs", "stageTurns", "stageWallTimeMs"] as const;
export const noLimits: AllRunLimits = { costMicros: null, wallTimeMs: null, stageTurns: null, stageWallTimeMs: null };

/** Each limit's name, its unit, the meaning of an empty field, and the effect when it is reached. */
export const limitWords: Readonly<
  Record<LimitName, { readonly label: string; readonly unit: string; readonly empty: string; readonly hint: string }>
> = {
  costMicros: { label: "Cost of the run", unit: "$", empty: "No limit", hint: "Looked at before every model call." },
  wallTimeMs: {
    label: "Time of the run",
    unit: "min",
    empty: "No limit",
    hint: "From its first stage, waiting included.",
  },
  stageTurns: {
    label: "Turns of a stage",
    unit: "turns",
    empty: String(stageTurns.usual),
    hint: "The agent is told five turns before the last.",
  },
  stageWallTimeMs: {
    label: "Time of a stage",
    unit: "min",
    empty: "No limit",
    hint: "Waiting for a person does not count.",
  },
};

const minuteMs = 60_000;
const most = { wallTimeMs: 30 * 24 * 60, stageWallTimeMs: 7 * 24 * 60 } as const;

/** Limits as a form shows them. */
export function typedLimits(limits: RunLimits): TypedLimits {
  const minutes = (ms: number | null | undefined) =>
    ms === null || ms === undefined ? "" : String(Math.round((ms / minuteMs) * 100) / 100);
  return {
    costMicros: limits.costMicros === null || limits.costMicros === undefined ? "" : plainDollars(limits.costMicros),
    wallTimeMs: minutes(limits.wallTimeMs),
    stageTurns: limits.stageTurns === null || limits.stageTurns === undefined ? "" : String(limits.stageTurns),
    stageWallTimeMs: minutes(limits.stageWallTimeMs),
  };
}

/** The typed limits, an empty field as null, or the problem of each field that can't be read. */
export function readLimits(
  typed: TypedLimits,
  spentMicros = 0,
): { readonly limits: AllRunLimits } | { readonly problems: Readonly<Partial<Record<LimitName, string>>> } {
  const limits: { [name in LimitName]: number | null } = { ...noLimits };
  const problems: { [name in LimitName]?: string } = {};
  for (const name of limitNames) {
    if (typed[name].trim() === "") continue;
    const read = readLimit(name, typed[name].trim(), spentMicros);
    if (typeof read === "number") limits[name] = read;
    else problems[name] = read.problem;
  }
  return Object.keys(problems).length > 0 ? { problems } : { limits };
}

function readLimit(name: LimitName, text: string, spentMicros: number): number | { readonly problem: string } {
  if (name === "costMicros") {
    const read = readDollars(text, spentMicros);
    return "micros" in read ? read.micros : read;
  }
  if (name === "stageTurns") {
    const turns = Number(text);
    return /^\d{1,4}$/.test(text) && turns >= 1 && turns <= stageTurns.most
      ? turns
      : { problem: `Type a whole number from 1 to ${stageTurns.most}.` };
  }
  const minutes = Number(text);
  if (!/^\d{1,6}(\.\d{1,2})?$/.test(text) || minutes < 0.2) return { problem: "Type minutes, as in 30 or 1.5." };
  if (minutes > most[name]) return { problem: `It may be at most ${most[name].toLocaleString("en")} minutes.` };
  return Math.round(minutes * minuteMs);
}

/** The limits that are set, for a request that leaves the others as the project has them. */
export function setLimitsOnly(limits: RunLimits): RunLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== null && value !== undefined));
}

/** The limits that are set, in few words: `up to $5, 30 min`. Null when none is. */
export function limitsInWords(limits: RunLimits): string | null {
  const typed = typedLimits(limits);
  const parts = [
    typed.costMicros === "" ? [] : [`$${typed.costMicros}`],
    typed.wallTimeMs === "" ? [] : [`${typed.wallTimeMs} min`],
    typed.stageTurns === "" ? [] : [`${typed.stageTurns} turns a stage`],
    typed.stageWallTimeMs === "" ? [] : [`${typed.stageWallTimeMs} min a stage`],
  ].flat();
  return parts.length === 0 ? null : `Up to ${parts.join(", ")}`;
}
