import { defineConfig } from "vitest/config";

// Each file starts and kills whole stacks: one at a time, with room for slow machines.
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 600_000,
    // Polling ends with success at once; this is for a machine that stops for a moment.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 120_000,
  },
});
