import type { ReadContent } from "../patch-set/content.ts";
import type { TreeChange } from "../patch-set/types.ts";

/** The demands of a policy. Patterns are globs over paths, matched in any case of letters (see `globMatcher`). */
export interface Policy {
  readonly frozen: readonly string[];
  readonly ciFiles: readonly string[];
  readonly owners: readonly string[];
  readonly dependencies: readonly string[];
  readonly maxFiles: { readonly warn: number; readonly block: number };
  readonly maxAddedLines: { readonly warn: number; readonly block: number };
  readonly maxFileBytes: { readonly warn: number; readonly block: number };
}

export interface PolicyViolation {
  readonly rule: string;
  readonly severity: "WARN" | "BLOCK";
  readonly path: string | null;
  readonly line: number | null;
  readonly message: string;
}

/** The rule of contents that can't be shown: whoever approves them says so. */
export const unseenRule = "binary";

/** A change with both sides' content, as the rules look at it. */
export interface PolicyInput {
  readonly change: TreeChange;
  /** Base content; undefined when added. */
  readonly before: ReadContent | undefined;
  /** New content; undefined when deleted. */
  readonly after: ReadContent | undefined;
}

/** The default where neither tenant, project nor repository sets a value. */
export const defaultPolicy: Policy = {
  frozen: [],
  ciFiles: [
    ".github/workflows/**",
    ".github/actions/**",
    ".gitlab-ci.yml",
    ".circleci/**",
    "Jenkinsfile",
    "azure-pipelines.yml",
  ],
  owners: ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"],
  dependencies: [
    "**/package.json",
    "**/package-lock.json",
    "**/npm-shrinkwrap.json",
    "**/yarn.lock",
    "**/pnpm-lock.yaml",
    "**/bun.lock",
    "**/deno.lock",
    "**/.npmrc",
    "**/requirements*.txt",
    "**/pyproject.toml",
    "**/poetry.lock",
    "**/go.mod",
    "**/go.sum",
    "**/Cargo.toml",
    "**/Cargo.lock",
    "**/Gemfile*",
  ],
  maxFiles: { warn: 50, block: 1000 },
  maxAddedLines: { warn: 1500, block: 50_000 },
  maxFileBytes: { warn: 200_000, block: 2_000_000 },
};
