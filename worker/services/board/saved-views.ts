import { sql } from "drizzle-orm";
import type { BoardView, CreateView, EditView } from "../../../contracts/board-view.ts";
import { requirePermission, type PersonScope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { projectExists } from "../../db/stores/project.ts";
import { deleteView, findView, insertView, listViews, updateView, type ViewRow } from "../../db/stores/saved-view.ts";
import { ServiceError } from "../../errors.ts";
import { requireOpenProject } from "../project/require-open.ts";

type Deps = Pick<ServiceDeps, "db" | "now">;

/** A person keeps at most so many views of a project. */
const mostViews = 100;

/** The views of a project that the person saved, and those that others share, by name. `ticket.read`. `not_found` without the project. */
export async function getViews({ db }: Deps, scope: PersonScope, projectId: number): Promise<BoardView[]> {
  requirePermission(scope, "ticket.read");
  const [known, rows] = await Promise.all([
    projectExists(db, scope.tenantId, projectId),
    listViews(db, scope, projectId),
  ]);
  if (!known) throw new ServiceError("not_found", "There is no such project.");
  return rows.map(viewOf);
}

/** Saves a view. `view.save`. `not_found` without the project; `conflict` when the person has 100 of it, or it is archived. */
export async function createView(
  { db, now }: Deps,
  scope: PersonScope,
  projectId: number,
  input: CreateView,
): Promise<BoardView> {
  requirePermission(scope, "view.save");
  await requireOpenProject({ db }, scope, projectId);
  const atMs = now();
  const { isShared, name } = input;
  const subject = sql`'view:' || last_insert_rowid()`;
  const entry = { action: "view.created", subject, data: { projectId: String(projectId), name, isShared } };
  const [[made]] = await db.batch([
    insertView(db, scope, projectId, input, { atMs, most: mostViews }),
    recordAudit(db, { scope, atMs }, entry, sql`changes() = 1`),
  ]);
  if (made === undefined)
    throw new ServiceError(
      "conflict",
      `You have ${mostViews} views of this project. Delete one that you no longer need.`,
    );
  return readView({ db }, scope, made.id);
}

/**
 * Changes the person's own view. `view.save`. `not_found` for one that they don't see, `forbidden` for one that another shares, `conflict`
 * in an archived project.
 */
export async function editView({ db, now }: Deps, scope: PersonScope, id: number, edit: EditView): Promise<BoardView> {
  requirePermission(scope, "view.save");
  const view = await readView({ db }, scope, id);
  if (view.owner.id !== scope.actor.id)
    throw new ServiceError(
      "forbidden",
      "Only the person who saved this view may change it. Save it as one of your own.",
    );
  await requireOpenProject({ db }, scope, Number(view.projectId));
  const fields = Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined));
  if (Object.keys(fields).length === 0) return view;
  const atMs = now();
  const entry = { action: "view.edited", subject: `view:${id}`, data: { fields: Object.keys(fields) } };
  await db.batch([updateView(db, scope, id, fields), recordAudit(db, { scope, atMs }, entry, sql`changes() = 1`)]);
  return readView({ db }, scope, id);
}

/** Deletes the person's own view, or with `view.manage` a shared one. `not_found` for one that they don't see, `conflict` in an archived project. `view.save`. */
export async function removeView({ db, now }: Deps, scope: PersonScope, id: number): Promise<void> {
  requirePermission(scope, "view.save");
  const view = await readView({ db }, scope, id);
  if (view.owner.id !== scope.actor.id) requirePermission(scope, "view.manage");
  await requireOpenProject({ db }, scope, Number(view.projectId));
  const atMs = now();
  const entry = { action: "view.deleted", subject: `view:${id}`, data: { name: view.name, ownerId: view.owner.id } };
  await db.batch([deleteView(db, scope.tenantId, id), recordAudit(db, { scope, atMs }, entry, sql`changes() = 1`)]);
}

async function readView({ db }: Pick<Deps, "db">, scope: PersonScope, id: number): Promise<BoardView> {
  const [row] = await findView(db, scope, id);
  if (row === undefined) throw new ServiceError("not_found", "There is no such view.");
  return viewOf(row);
}

function viewOf({ owner, view }: ViewRow): BoardView {
  return {
    id: String(view.id),
    projectId: String(view.projectId),
    name: view.name,
    query: view.query,
    isShared: view.isShared,
    owner: { id: String(view.ownerId), name: owner.name, avatarUrl: owner.image },
    createdAtMs: view.createdAtMs,
  };
}
