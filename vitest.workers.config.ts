import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { answerOutbound } from "./test/workers/fake-github.ts";

export default defineConfig(async () => ({
  plugins: [
    cloudflareTest({
      miniflare: {
        compatibilityDate: "2026-10-20",
        compatibilityFlags: ["nodejs_compat"],
        d1Databases: { DB: "test" },
        r2Buckets: ["BLOBS"],
        bindings: { MIGRATIONS: await readD1Migrations("migrations") },
        outboundService: answerOutbound,
      },
    }),
  ],
  test: {
    name: "workers",
    include: ["test/workers/**/*.test.ts"],
    setupFiles: ["./test/workers/setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One Worker for all files: they share the database, so every test has tenants of its own.
    isolate: false,
    fileParallelism: false,
  },
}));
