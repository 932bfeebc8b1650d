import { generateKeyPairSync, randomBytes } from "node:crypto";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { configDefaults, defineConfig } from "vitest/config";
import { outside } from "./test/workers/outside/addresses.ts";
import { answerOutside } from "./test/workers/outside/outside.ts";
import { fakeGitHub } from "./test/workers/fake-github-config.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

/** The slow tests in workerd, which `npm run test:slow` runs. */
const slowTests = "test/workers/**/*.slow.test.ts";

/** The project of tests in workerd: the fast ones of `npm test`, or the slow ones. */
export const workersProject = async (isSlow: boolean) => ({
  plugins: [
    cloudflareTest({
      main: "./test/workers/main.ts",
      miniflare: {
        compatibilityDate: "2026-10-20",
        compatibilityFlags: ["nodejs_compat"],
        d1Databases: { DB: "test" },
        durableObjects: {
          RUNS: { className: "RunObject", useSQLite: true },
          BOARDS: { className: "BoardObject", useSQLite: true },
          FEEDS: { className: "FeedObject", useSQLite: true },
        },
        r2Buckets: ["BLOBS"],
        ratelimits: {
          UPLOAD_LIMIT: { namespace_id: "1001", simple: { limit: 1_000, period: 60 } },
          REQUEST_LIMIT: { namespace_id: "1002", simple: { limit: 100_000, period: 60 } },
          START_LIMIT: { namespace_id: "1003", simple: { limit: 1_000, period: 60 } },
        },
        queueProducers: { QUEUE: "lime" },
        queueConsumers: {
          lime: { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 1, retryDelay: 0, deadLetterQueue: "lime-dead" },
          "lime-dead": { maxBatchSize: 10, maxBatchTimeout: 0 },
        },
        bindings: {
          MIGRATIONS: await readD1Migrations("migrations"),
          PUBLIC_URL: "http://lime.test",
          BETTER_AUTH_SECRET: "a secret of the tests, long enough to be one",
          MASTER_KEY: randomBytes(32).toString("base64"),
          GITHUB_WEB_URL: fakeGitHub.web,
          GITHUB_API_URL: fakeGitHub.api,
          GITHUB_APP_ID: "1",
          GITHUB_APP_PRIVATE_KEY: privateKey,
          GITHUB_CLIENT_ID: fakeGitHub.clientId,
          GITHUB_CLIENT_SECRET: fakeGitHub.clientSecret,
          GITHUB_WEBHOOK_SECRET: "a webhook secret of the tests",
          SANDBOX_HOST_URL: outside.sandbox,
          SANDBOX_HOST_TOKEN: "token-of-the-tests-long-enough-to-be-one",
          ANTHROPIC_API_KEY: "key-of-the-tests",
          ANTHROPIC_BASE_URL: outside.model,
        },
        outboundService: answerOutside,
      },
    }),
  ],
  test: {
    name: isSlow ? "workers-slow" : "workers",
    include: isSlow ? [slowTests] : ["test/workers/**/*.test.ts"],
    exclude: isSlow ? configDefaults.exclude : [...configDefaults.exclude, slowTests],
    setupFiles: ["./test/workers/setup.ts"],
    testTimeout: 30_000,
    // Polling ends with success at once; this is for a machine that stops for a moment.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
    // One Worker for all files: they share the database, so every test has tenants of its own.
    isolate: false,
    fileParallelism: false,
    sequence: { groupOrder: 2 },
  },
});

export default defineConfig(async () => workersProject(false));
