import { defineConfig } from "vitest/config";
import { slowTests } from "./vitest.pure.config.ts";

// The slow tests in Node: the offline agent's repairs, the sandbox host's limits, real CI, and long walks.
export default defineConfig({
  test: {
    name: "slow",
    include: [slowTests],
    globalSetup: ["./test/node/setup.ts"],
    pool: "forks",
    testTimeout: 60_000,
    // Polling ends with success at once; this is for a machine that stops for a moment.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
    silent: "passed-only",
  },
});
