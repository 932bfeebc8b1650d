/** A part of the tree and what it may import. The first layer whose `of` fits a path is its layer. */
export interface Layer {
  /** A file, or a folder ending in `/`. `*` stands for one folder name: each such folder is a layer of its own. */
  readonly of: string;
  /** Files and folders that it may import, beside itself. */
  readonly imports: readonly string[];
  /** Packages that it may import; `edge` is any that runs without Node, `any` is any. A trailing `*` stands for the rest. */
  readonly packages: readonly string[] | "edge" | "any";
}

const pure = ["contracts/", "domain/"] as const;
const beneathServices = [
  ...pure,
  "worker/ports/",
  "worker/db/",
  "worker/context.ts",
  "worker/errors.ts",
  "worker/base64.ts",
] as const;
const edgeParts = [
  "worker/routes/",
  "worker/webhooks/",
  "worker/queues/",
  "worker/crons/",
  "worker/middleware/",
] as const;
const adapter = [...pure, "worker/ports/", "worker/base64.ts", "worker/adapters/llm/"] as const;
/**
 * The modules that pages share with the engine, so that both compute the same: the tables of modes, moves and permissions, the run's
 * fold, names of branches, messages of commits, canonical JSON and the ledger's chain. None of it brings a validator.
 */
const pageDomain = [
  "domain/run/modes.ts",
  "domain/run/table.ts",
  "domain/run/machine.ts",
  "domain/run/fold.ts",
  "domain/run/view.ts",
  "domain/run/unread.ts",
  "domain/run/lane-view.ts",
  "domain/run/lanes.ts",
  "domain/board/columns.ts",
  "domain/board/dependencies.ts",
  "domain/board/mention.ts",
  "domain/board/edits.ts",
  "domain/board/similar-titles.ts",
  "domain/board/suggestions.ts",
  "domain/board/ticket-prompt.ts",
  "domain/run/ci.ts",
  "domain/run/watch.ts",
  "domain/patch-set/branch-name.ts",
  "domain/plan/tasks.ts",
  "domain/text/commit-message.ts",
  "domain/policy/hidden-text.ts",
  "domain/tenancy/permissions.ts",
  "domain/canonical-json.ts",
  "domain/hash.ts",
  "domain/ledger/chain.ts",
] as const;
const page = ["contracts/", ...pageDomain, "web/lib/", "web/components/"] as const;

/** The import law: the right may import the left. `contracts <- domain <- ports <- services <- routes, durable-objects`. */
export const layers: readonly Layer[] = [
  { of: "contracts/", imports: [], packages: ["zod"] },
  {
    of: "domain/",
    imports: ["contracts/"],
    packages: ["diff", "fractional-indexing", "@noble/hashes", "semver", "smol-toml"],
  },

  { of: "worker/ports/", imports: pure, packages: [] },
  { of: "worker/base64.ts", imports: [], packages: [] },
  { of: "worker/db/", imports: beneathServices, packages: ["drizzle-orm"] },
  { of: "worker/context.ts", imports: beneathServices, packages: [] },
  { of: "worker/errors.ts", imports: beneathServices, packages: ["hono", "@hono/zod-openapi", "zod"] },
  {
    of: "worker/services/",
    imports: beneathServices,
    packages: ["drizzle-orm", "zod", "diff", "csv-parse", "csv-stringify"],
  },
  ...edgeParts.map((of): Layer => ({
    of,
    imports: [...beneathServices, "worker/services/", ...edgeParts],
    packages: "edge",
  })),
  { of: "worker/adapters/better-auth/", imports: [...adapter, "worker/db/"], packages: "edge" },
  { of: "worker/adapters/*/", imports: adapter, packages: "edge" },
  { of: "worker/app.ts", imports: [...beneathServices, ...edgeParts], packages: "edge" },
  {
    of: "worker/hosts.ts",
    imports: ["contracts/", "worker/env.ts", "worker/ports/", "durable-objects/"],
    packages: [],
  },
  { of: "worker/env.ts", imports: ["worker/queues/", "durable-objects/"], packages: [] },
  { of: "worker/compose.ts", imports: [...pure, "worker/", "durable-objects/"], packages: "edge" },
  {
    of: "worker/index.ts",
    imports: [...edgeParts, "worker/app.ts", "worker/compose.ts", "durable-objects/"],
    packages: "edge",
  },
  { of: "worker/", imports: beneathServices, packages: [] },
  {
    of: "durable-objects/",
    imports: [...pure, "worker/ports/", "worker/services/", "worker/compose.ts"],
    packages: ["cloudflare:workers"],
  },

  { of: "clients/", imports: [], packages: [] },
  { of: "web/functions/", imports: [], packages: [] },
  { of: "web/vite.config.ts", imports: [], packages: "any" },
  { of: "web/lib/", imports: ["contracts/", ...pageDomain, "clients/"], packages: "edge" },
  { of: "web/components/", imports: ["contracts/", "web/lib/"], packages: "edge" },
  { of: "web/features/*/", imports: page, packages: "edge" },
  { of: "web/app/", imports: [...page, "web/features/"], packages: "edge" },

  { of: "local/sample/", imports: [], packages: "any" },
  { of: "sandbox-host/", imports: ["contracts/"], packages: "any" },
  { of: "local/sample-app/", imports: [], packages: "any" },
  { of: "local/", imports: [...pure, "sandbox-host/"], packages: "any" },
  {
    of: "bench/",
    imports: [...pure, "worker/", "durable-objects/", "local/", "sandbox-host/", "test/e2e/browser.ts"],
    packages: "any",
  },
  { of: "tools/", imports: [...pure, "sandbox-host/", "worker/app.ts"], packages: "any" },
  {
    of: "test/",
    imports: [...pure, "worker/", "durable-objects/", "web/", "local/", "sandbox-host/", "bench/", "tools/"],
    packages: "any",
  },
  { of: "vitest.workers.config.ts", imports: ["test/workers/"], packages: "any" },
];

/** The only folders that may import a package outside of tests: a vendor's SDK stays behind its adapter. */
export const packageOwners: Readonly<Record<string, readonly string[]>> = {
  "csv-parse": ["worker/services/board/transfer/csv.ts"],
  "csv-stringify": ["worker/services/board/transfer/csv.ts"],
  "@anthropic-ai/sdk": ["worker/adapters/anthropic/", "local/model/"],
  openai: ["worker/adapters/openai/", "local/model/"],
  "@octokit/*": ["worker/adapters/github/", "local/forge/"],
  "better-auth": ["worker/adapters/better-auth/"],
  "drizzle-orm": ["worker/", "bench/"],
  hono: ["worker/", "bench/"],
  "@hono/*": ["worker/", "bench/"],
};

/** The only importers of a file outside of tests, beside its own folder: the write gate is the one way to a forge. */
export const moduleOwners: Readonly<Record<string, readonly string[]>> = {
  "worker/ports/forge-writer.ts": ["worker/services/patch-set/write-gate.ts", "worker/adapters/github/"],
};

/** The layer of a path, with its own root: the file, or the folder that a `*` named. Undefined for root files without a layer. */
export function layerOf(path: string): { readonly layer: Layer; readonly root: string } | undefined {
  for (const layer of layers) {
    const root = rootIn(path, layer.of);
    if (root !== undefined) return { layer, root };
  }
  return undefined;
}

/** Whether a path is the file, or lies in the folder, that one of the places names. */
export function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || (place.endsWith("/") && path.startsWith(place)));
}

function rootIn(path: string, of: string): string | undefined {
  const wanted = of.split("/");
  const parts = path.split("/");
  const isFolder = wanted.at(-1) === "";
  if (isFolder) wanted.pop();
  if (isFolder ? parts.length <= wanted.length : parts.length !== wanted.length) return undefined;
  if (!wanted.every((name, index) => name === "*" || name === parts[index])) return undefined;
  return parts.slice(0, wanted.length).join("/") + (isFolder ? "/" : "");
}
