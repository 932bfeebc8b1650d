import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contentStamp } from "../../../local/stack/content-stamp.ts";
import { dotenvValue, writeEnvFile, type WorkerEnv } from "../../../local/stack/env-file.ts";
import { localConfig, writeLocalConfig } from "../../../local/stack/local-config.ts";
import { keepSecrets } from "../../../local/stack/secrets.ts";
import { readSettings } from "../../../local/stack/settings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "stack-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mode = (file: string): number => statSync(file).mode & 0o777;

describe("the Worker's environment file", () => {
  test("gives back every value, a PEM with its lines too, and only to its owner", () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const env: WorkerEnv = {
      PUBLIC_URL: "http://127.0.0.1:8787",
      BETTER_AUTH_SECRET: "a#b",
      MASTER_KEY: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
      GITHUB_WEB_URL: "",
      GITHUB_API_URL: "http://127.0.0.1:1/api/v3",
      GITHUB_APP_ID: "1",
      GITHUB_APP_PRIVATE_KEY: privateKey,
      GITHUB_CLIENT_ID: "Iv1.x",
      GITHUB_CLIENT_SECRET: "s p a c e",
      GITHUB_WEBHOOK_SECRET: "=",
      ANTHROPIC_API_KEY: "k",
      ANTHROPIC_BASE_URL: "",
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: "",
      SANDBOX_HOST_URL: "",
      OPERATIONS_TOKEN: "o",
      SANDBOX_HOST_TOKEN: "t",
    };
    const file = path.join(folder, "worker.env");
    writeEnvFile(file, env);
    expect(parseEnv(readFileSync(file, "utf8"))).toEqual(env);
    expect(mode(file)).toBe(0o600);
  });

  test("keeps a dollar sign from being expanded", () => {
    expect(dotenvValue("a$HOME")).toBe(String.raw`"a\$HOME"`);
  });
});

describe("secrets", () => {
  test("are made once, differ between deployments, and are only their owner's", () => {
    const first = keepSecrets(folder);
    expect(keepSecrets(folder)).toEqual(first);
    expect(Buffer.from(first.masterKey, "base64")).toHaveLength(32);
    expect(mode(path.join(folder, "secrets.json"))).toBe(0o600);
    const other = path.join(folder, "other");
    mkdirSync(other);
    expect(keepSecrets(other).masterKey).not.toBe(first.masterKey);
  });

  test("a damaged file is an error, never silently replaced", () => {
    writeFileSync(path.join(folder, "secrets.json"), "{}");
    expect(() => keepSecrets(folder)).toThrow(/damaged/);
    expect(readFileSync(path.join(folder, "secrets.json"), "utf8")).toBe("{}");
  });
});

test("the content stamp follows names and bytes, nothing else", () => {
  mkdirSync(path.join(folder, "web/a"), { recursive: true });
  writeFileSync(path.join(folder, "web/a/one.ts"), "1");
  const first = contentStamp(folder, ["web", "absent"]);
  writeFileSync(path.join(folder, "web/a/one.ts"), "1");
  expect(contentStamp(folder, ["web"])).toBe(first);
  writeFileSync(path.join(folder, "web/a/one.ts"), "2");
  const changed = contentStamp(folder, ["web"]);
  expect(changed).not.toBe(first);
  writeFileSync(path.join(folder, "web/a/two.ts"), "");
  expect(contentStamp(folder, ["web"])).not.toBe(changed);
});

describe("settings", () => {
  test("stand without any environment", () => {
    expect(readSettings({})).toMatchObject({ port: 8787, github: undefined, anthropic: undefined, openai: undefined });
  });

  test("refuse a port that is none", () => {
    for (const PORT of ["http", "-1", "70000", "80.5"]) expect(() => readSettings({ PORT })).toThrow(/PORT must be/);
  });

  test("take real model keys, each by itself", () => {
    const settings = readSettings({ OPENAI_API_KEY: "sk-x" });
    expect(settings.openai).toEqual({ apiKey: "sk-x", baseUrl: "https://api.openai.com/v1" });
    expect(settings.anthropic).toBeUndefined();
  });

  test("name what is missing of a GitHub App", () => {
    expect(() => readSettings({ GITHUB_APP_ID: "1", GITHUB_CLIENT_ID: "x" })).toThrow(
      /GITHUB_APP_PRIVATE_KEY_FILE, GITHUB_CLIENT_SECRET, GITHUB_WEBHOOK_SECRET$/,
    );
  });

  test("turn GitHub's PKCS#1 key into the PKCS#8 that the Worker takes", () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const file = path.join(folder, "app.pem");
    writeFileSync(file, privateKey);
    const env = {
      GITHUB_APP_ID: "1",
      GITHUB_APP_PRIVATE_KEY_FILE: file,
      GITHUB_CLIENT_ID: "x",
      GITHUB_CLIENT_SECRET: "y",
      GITHUB_WEBHOOK_SECRET: "z",
    };
    expect(readSettings(env).github?.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    writeFileSync(file, "no key");
    expect(() => readSettings(env)).toThrow(/no private key/);
  });
});

test("the deployment's configuration runs on this machine: absolute paths, no list of secrets, all else as it is", () => {
  writeLocalConfig(folder);
  const { bundle, run } = localConfig(folder);
  const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
  const root = path.resolve(import.meta.dirname, "../../..");
  expect(read(run)).toMatchObject({
    main: path.join(root, "worker/index.ts"),
    assets: { directory: path.join(root, "dist/web"), run_worker_first: ["/api/*"] },
    d1_databases: [{ binding: "DB", migrations_dir: path.join(root, "migrations") }],
    r2_buckets: [{ binding: "BLOBS" }],
    ratelimits: [
      { name: "UPLOAD_LIMIT", simple: { limit: 60, period: 60 } },
      { name: "REQUEST_LIMIT", simple: { limit: 6000, period: 60 } },
      { name: "START_LIMIT", simple: { limit: 60, period: 60 } },
    ],
    durable_objects: {
      bindings: [
        { name: "RUNS", class_name: "RunObject" },
        { name: "BOARDS", class_name: "BoardObject" },
        { name: "FEEDS", class_name: "FeedObject" },
      ],
    },
    migrations: [
      { tag: "v1", new_sqlite_classes: ["RunObject"] },
      { tag: "v2", new_sqlite_classes: ["BoardObject"] },
      { tag: "v3", new_sqlite_classes: ["FeedObject"] },
    ],
    queues: { producers: [{ binding: "QUEUE" }], consumers: [{ max_batch_timeout: 0, max_retries: 8 }] },
    triggers: { crons: ["* * * * *"] },
  });
  expect(read(run)).not.toHaveProperty("secrets");
  expect(read(bundle)).not.toHaveProperty("assets");
});
