import { defineConfig } from "vitest/config";

// `npm test`: pure tests, tests with processes and ports, and tests in workerd. The slow ones are in vitest.slow.config.ts.
// workerd works alone and often waits, so two cores take two other workers beside it.
export default defineConfig({
  test: {
    projects: ["vitest.pure.config.ts", "vitest.node.config.ts", "vitest.workers.config.ts"],
    silent: "passed-only",
    maxWorkers: 3,
  },
});
