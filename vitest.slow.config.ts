import { defineConfig } from "vitest/config";

// `npm run test:slow`: the tests that take seconds each, in Node and in workerd.
export default defineConfig({
  test: {
    projects: ["vitest.node-slow.config.ts", "vitest.workers-slow.config.ts"],
    silent: "passed-only",
  },
});
