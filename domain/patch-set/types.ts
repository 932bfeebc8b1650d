/** Git's four tree entry modes that a patch may carry. `160000` (submodule) is never accepted. */
export type FileMode = "100644" | "100755" | "120000";

/**
 * One path that differs from the base tree. `before*` is absent for an added path, `after*` for a deleted one.
 * `blob` is the git object id (SHA-1 hex) of the content; `bytes` the content itself (for a symlink, its target).
 * A rename is a deletion and an addition.
 */
export interface TreeChange {
  readonly path: string;
  readonly status: "added" | "modified" | "deleted";
  readonly beforeMode?: FileMode;
  readonly beforeBlob?: string;
  readonly afterMode?: FileMode;
  readonly afterBlob?: string;
  readonly bytes?: Uint8Array;
}
