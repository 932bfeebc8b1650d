import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "node", include: ["test/node/**/*.test.ts"], pool: "forks", testTimeout: 30_000, hookTimeout: 60_000 },
});
