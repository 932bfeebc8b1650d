import { configDefaults, defineConfig } from "vitest/config";

/** The slow tests, which `npm run test:slow` runs. */
export const slowTests = "test/node/**/*.slow.test.ts";

/** Tests that start no process, open no port and write no file. */
export const pureTests = [
  ...["budget", "image", "simulation", "vault", "web"].map((part) => `test/node/${part}/**/*.test.ts`),
  // Of the domain's tests, this one runs a real `node --test`.
  "test/node/domain/!(test-results).test.ts",
  // Of the engine's tests, these have a real sandbox host or a real server.
  "test/node/engine/!(real-sandbox|storm|compaction|hostile-streams).test.ts",
  ...["github/key", "github/webhook", "llm/prompt-price", "stack/ledger", "tools/run-diagram"].map(
    (name) => `test/node/${name}.test.ts`,
  ),
];

// No file needs a worker of its own: they share what they import.
export default defineConfig({
  test: {
    name: "pure",
    include: pureTests,
    exclude: [...configDefaults.exclude, slowTests],
    pool: "threads",
    isolate: false,
    maxWorkers: 1,
    // Projects with different numbers of workers run one after the other.
    sequence: { groupOrder: 1 },
    testTimeout: 30_000,
    // Polling ends with success at once; this is for a machine that stops for a moment.
    expect: { poll: { timeout: 10_000 } },
  },
});
