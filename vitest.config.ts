import { defineConfig } from "vitest/config";

// Pure tests, tests with processes and ports, and tests in workerd; the slow ones are in vitest.node-slow.config.ts and
// vitest.workers-slow.config.ts. `npm test` and `npm run test:slow` run two halves of them side by side (tools/test.ts);
// `npx vitest run <path>` runs the files that are asked for.
export default defineConfig({
  test: {
    projects: ["vitest.pure.config.ts", "vitest.node.config.ts", "vitest.workers.config.ts"],
    silent: "passed-only",
  },
});
