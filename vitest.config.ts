import { defineConfig } from "vitest/config";

// `npm test`: what runs in Node, and what runs in workerd.
export default defineConfig({
  test: { projects: ["vitest.node.config.ts", "vitest.workers.config.ts"], silent: "passed-only" },
});
