import type { SQL } from "drizzle-orm";
import type { Connector } from "../../../contracts/connector.ts";
import { responsibleUserId, type Scope, type ServiceDeps } from "../../context.ts";
import {
  listDueConnectors,
  recordNoAnswer,
  replaceVisibility,
  type VisibilityAnswer,
  type Viewer,
} from "../../db/stores/visibility.ts";
import { PortError } from "../../ports/errors.ts";

type VisibilityDeps = Pick<ServiceDeps, "db" | "identity" | "now">;

const minuteMs = 60_000;
/** An answer of the forge is asked for anew after this time. */
const freshMs = 10 * minuteMs;
/** An answer counts for this long while the forge gives no newer one. */
const keptMs = 24 * 60 * minuteMs;
/** After a question that got no answer, lists wait this long before they ask again. */
const pauseMs = minuteMs;

/** The person for whom a scope's lists are read: the person, or the owner of an API key. Null for the product's own work, which sees all. */
export function viewerOf({ now }: Pick<ServiceDeps, "now">, { actor }: Pick<Scope, "actor">): Viewer {
  const userId = responsibleUserId(actor);
  return userId === null ? null : personViewer(userId, now());
}

/** A person for whom rows are read at `nowMs` (UTC milliseconds), by their id or an expression for it. */
export function personViewer(userId: number | SQL<number>, nowMs: number): Viewer {
  return { userId, sinceMs: nowMs - keptMs };
}

/** An installation's repositories that a person sees at the forge now. Throws PortError when the forge gives no answer. */
async function askVisibility(
  { identity }: VisibilityDeps,
  userId: number,
  installationId: string,
): Promise<VisibilityAnswer> {
  try {
    return { reachesInstallation: true, externalIds: await identity.listRepositoryIds(userId, installationId) };
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== "not_found") throw error;
    return { reachesInstallation: false, externalIds: new Set() };
  }
}

/**
 * Asks the forge which repositories the scope's person sees, for each connector whose answer is missing or old, or for all of them when
 * `now` is set; false when there was none to ask about. A question without an answer is noted, and the answer before it stays.
 */
export async function refreshVisibility(deps: VisibilityDeps, scope: Scope, when: "due" | "now"): Promise<boolean> {
  const userId = responsibleUserId(scope.actor);
  if (userId === null) return false;
  const { db } = deps;
  const nowMs = deps.now();
  const before =
    when === "now"
      ? { answeredBeforeMs: nowMs + 1, askedSinceMs: nowMs + 1 }
      : { answeredBeforeMs: nowMs - freshMs, askedSinceMs: nowMs - pauseMs };
  const due = await listDueConnectors(db, scope.tenantId, userId, before);
  await Promise.all(
    due.map(async ({ id, installationId }) => {
      try {
        const answer = await askVisibility(deps, userId, installationId);
        const [first, ...rest] = replaceVisibility(db, userId, id, answer, deps.now());
        if (first !== undefined) await db.batch([first, ...rest]);
      } catch (error) {
        if (!(error instanceof PortError)) throw error;
        await recordNoAnswer(db, userId, id, error.code, deps.now());
      }
    }),
  );
  return due.length > 0;
}

/** Reads rows for the scope's person; once more when the forge had to be asked first which repositories they see. */
export async function readSeen<T>(
  deps: VisibilityDeps,
  scope: Scope,
  read: (viewer: Viewer) => Promise<T>,
): Promise<T> {
  const [asked, rows] = await Promise.all([refreshVisibility(deps, scope, "due"), read(viewerOf(deps, scope))]);
  return asked ? read(viewerOf(deps, scope)) : rows;
}

/** A connector's row with the asking person's answer of the forge. */
export interface VisibilityRow {
  readonly seenCount: number;
  readonly answeredAtMs: number | null;
  readonly reachesInstallation: boolean | null;
  readonly problem: string | null;
}

/** The visibility of a connector's repositories as the API shows it; null for an actor that is no person. */
export function visibilityView(viewer: Viewer, row: VisibilityRow): Connector["visibility"] {
  if (viewer === null) return null;
  const { answeredAtMs, problem, seenCount } = row;
  const known = answeredAtMs !== null && answeredAtMs >= viewer.sinceMs;
  return {
    state: !known ? "unknown" : row.reachesInstallation === true ? "member" : "outside",
    seenCount,
    answeredAtMs,
    problem: problem === null ? null : problemText(problem),
  };
}

function problemText(code: string): string {
  return code === "unauthorized"
    ? "GitHub does not accept your sign-in any more. Sign out, sign in again and retry."
    : "GitHub did not answer when it was asked which repositories you see. Try again in a minute.";
}
