import { configDefaults, defineConfig } from "vitest/config";
import { pureTests, slowTests } from "./vitest.pure.config.ts";

// Tests with processes, ports and files: each file in a process of its own.
export default defineConfig({
  test: {
    name: "node",
    include: ["test/node/**/*.test.ts"],
    exclude: [...configDefaults.exclude, slowTests, ...pureTests],
    globalSetup: ["./test/node/setup.ts"],
    pool: "forks",
    // Many of these wait for a process or a timer.
    maxWorkers: 2,
    testTimeout: 30_000,
    // Polling ends with success at once; this is for a machine that stops for a moment.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
});
