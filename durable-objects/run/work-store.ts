import { sha256Hex } from "../../domain/hash.ts";
import type { TreeChange } from "../../domain/patch-set/types.ts";
import { parseStored } from "../../domain/parse-stored.ts";
import type { LaneWork } from "../../worker/services/run/engine/journal.ts";
import { getBlob, putBlob } from "./blobs.ts";

/** A change as a row holds it: its bytes are stored once, under their SHA-256. */
type StoredChange = Omit<TreeChange, "bytes"> & { readonly blobKey?: string };

/** The saved work of a run's lanes, and the patch sets that were made of it. Synchronous: it runs inside the object's transaction. */
export class WorkStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The saved work in one repository, in the order of paths. */
  read(repositoryId: string): readonly TreeChange[] {
    const rows = this.#sql
      .exec<{ change: string }>("select change from lane_work where repository_id = ? order by path", repositoryId)
      .toArray();
    return rows.map((row) => this.#load(parseStored(row.change)));
  }

  /** Replaces the saved work in one repository. */
  save({ changes, repositoryId }: LaneWork): void {
    this.#sql.exec("delete from lane_work where repository_id = ?", repositoryId);
    for (const change of changes)
      this.#sql.exec(
        "insert into lane_work (repository_id, path, change) values (?, ?, ?)",
        repositoryId,
        change.path,
        JSON.stringify(this.#store(change)),
      );
  }

  /** Whether there is work that was saved before runs had lanes. */
  hasUnassigned(): boolean {
    return this.#sql.exec("select 1 from workspace limit 1").toArray().length > 0;
  }

  /** Moves work that was saved before runs had lanes to the run's only repository. */
  adopt(repositoryId: string): void {
    this.#sql.exec(
      "insert or ignore into lane_work (repository_id, path, change) select ?, path, change from workspace",
      repositoryId,
    );
    this.#sql.exec("delete from workspace");
  }

  /** Stores the bytes of a patch set under its hash; a hash that is there already is left alone. */
  addPatchSet(hash: string, changes: readonly TreeChange[], atMs: number): void {
    this.#sql.exec(
      "insert or ignore into patch_sets (hash, at_ms, changes) values (?, ?, ?)",
      hash,
      atMs,
      JSON.stringify(changes.map((change) => this.#store(change))),
    );
  }

  /** The changes of a patch set, or undefined. */
  patchSet(hash: string): readonly TreeChange[] | undefined {
    const row = this.#sql.exec<{ changes: string }>("select changes from patch_sets where hash = ?", hash).toArray()[0];
    if (row === undefined) return undefined;
    const stored: readonly StoredChange[] = parseStored(row.changes);
    return stored.map((change) => this.#load(change));
  }

  #store(change: TreeChange): StoredChange {
    const { bytes, ...rest } = change;
    if (bytes === undefined) return rest;
    const blobKey = sha256Hex(bytes);
    putBlob(this.#sql, blobKey, bytes);
    return { ...rest, blobKey };
  }

  #load(stored: StoredChange): TreeChange {
    const { blobKey, ...rest } = stored;
    if (blobKey === undefined) return rest;
    const bytes = getBlob(this.#sql, blobKey);
    if (bytes === undefined) throw new Error(`the content of ${stored.path} is missing`);
    return { ...rest, bytes };
  }
}
