export type Ecosystem = "npm" | "go" | "pypi";

/** Why a package needs another one; `indirect` is Go's mark for what only a dependency needs. */
export type DependencyKind = "runtime" | "development" | "peer" | "optional" | "indirect";

export interface Dependency {
  readonly name: string;
  /** The versions that are asked for, in the words of the manifest; empty when any version will do. */
  readonly range: string;
  readonly kind: DependencyKind;
}

/** The facts of one manifest: package.json, go.mod or pyproject.toml. */
export interface Manifest {
  readonly ecosystem: Ecosystem;
  /** The manifest's path in its repository. */
  readonly path: string;
  readonly name: string;
  /** As written, whether lawful or not; undefined when the manifest has none, as go.mod never has. */
  readonly version: string | undefined;
  readonly dependencies: readonly Dependency[];
}
