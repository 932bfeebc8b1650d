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
        bindings: { MIGRATIONS: await readD1Migrations("migrations") },
        outboundService: answerOutbound,
      },
    }),
  ],
  test: {
    include: ["test/workers/**/*.test.ts"],
    setupFiles: ["./test/workers/setup.ts"],
    testTimeout: 20_000,
    isolate: false,
  },
}));
