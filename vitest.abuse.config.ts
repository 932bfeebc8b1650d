import { defineConfig } from "vitest/config";

// Each file runs against a whole stack of its own: one at a time.
export default defineConfig({
  test: {
    include: ["test/abuse/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 120_000,
    // Polling ends with success at once; this is for a machine that stops for a moment.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 120_000,
  },
});
