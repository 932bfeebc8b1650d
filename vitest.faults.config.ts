import { defineConfig } from "vitest/config";

// Each file starts and kills whole stacks: one at a time, with room for slow machines.
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
