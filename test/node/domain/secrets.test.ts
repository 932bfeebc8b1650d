import { describe, expect, it } from "vitest";
import { redactSecrets, secretsIn, secretsInLine } from "../../../domain/policy/secrets.ts";
import { secretRules } from "../../../domain/policy/secret-rules.ts";

const megabyte = 1_000_000;

/** Letters and digits that look drawn, the same each time. */
function drawn(length: number, alphabet = "aB3dE6gH9kLmN0pQ2rS5tU8vW1xY4z"): string {
  let state = 7;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return alphabet[Math.floor(state / 65_536) % alphabet.length];
  }).join("");
}
const hex = (length: number): string => drawn(length, "0a1b2c3d4e5f6789");

describe("credentials are found", () => {
  it.each([
    ["AWS access key id", `AKIA${drawn(16, "QWERTYUPASDF234567")}`],
    ["GitHub token", `ghp_${drawn(36)}`],
    ["GitHub fine-grained token", `github_pat_${drawn(82)}`],
    ["GitLab token", `glrt-${drawn(20)}`],
    ["Anthropic API key", `sk-ant-api03-${drawn(93)}AA`],
    ["OpenAI API key", `sk-proj-${drawn(74)}T3BlbkFJ${drawn(74)}`],
    ["Google API key", `AIza${drawn(35)}`],
    ["DigitalOcean token", `dop_v1_${hex(64)}`],
    ["Databricks token", `dapi${hex(32)}`],
    ["Hugging Face token", `hf_${drawn(34)}`],
    ["Slack token", `xoxb-${drawn(12, "0123456789")}-${drawn(24)}`],
    ["SendGrid API key", `SG.${drawn(22)}.${drawn(43)}`],
    ["Shopify token", `shpat_${hex(32)}`],
    ["PyPI token", `pypi-AgEIcHlwaS5vcmc${drawn(60)}`],
    ["HashiCorp Vault token", `hvs.${drawn(95)}`],
    ["Stripe secret key", `sk_live_${drawn(24)}`],
    ["Twilio API key", `SK${hex(32)}`],
    ["JSON Web Token", `eyJ${drawn(30)}.eyJ${drawn(60)}.${drawn(43)}`],
    ["password in a URL", "postgres://ada:h7Tq2LmZ@db.internal:5432/x"],
  ])("%s", (name, secret) => {
    expect(secretsInLine(`const value = "${secret}";`)).toContain(name);
    expect(redactSecrets(`before ${secret} after`)).not.toContain(secret);
  });

  it("a private key with its content, in lines and in one", () => {
    const key = ["-----BEGIN RSA PRIVATE KEY-----", drawn(64), drawn(64), "-----END RSA PRIVATE KEY-----"];
    expect(secretsIn(`a\n${key.join("\n")}`)).toMatchObject([{ name: "private key", index: 2 }]);
    expect(secretsInLine(JSON.stringify(key.join("\n")))).toContain("private key");
  });

  it("and a text that is called a secret is a guess", () => {
    for (const line of [
      `aws_secret_access_key = "${drawn(40)}"`,
      `API_TOKEN=${drawn(32)}`,
      `"clientSecret": "${drawn(30)}"`,
    ])
      expect(secretsIn(line), line).toMatchObject([{ isCertain: false }]);
  });
});

describe("no credential", () => {
  it.each([
    "`postgres://${user}:${password}@${host}`",
    'f"postgres://{user}:{password}@{host}/db"',
    "postgres://postgres:postgres@localhost:5432/test",
    "amqp://guest:guest@rabbit",
    "https://user:password@example.com",
    "mysql://root:%s@%s/db",
    "https://<user>:<token>@github.com/o/r.git",
    'accessKeyId: "AKIAIOSFODNN7EXAMPLE"',
    'secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
    "GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    `const token = "ghp_${"a".repeat(36)}";`,
    "OPENAI_API_KEY=sk-your-api-key-goes-here-1234567890abcdefghij",
    'const stripe = new Stripe("sk_test_4eC39HqLyjWDarjtT1zdp7dc");',
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    'if (text.includes("-----BEGIN RSA PRIVATE KEY-----")) refuse();',
    "const token = await readToken(request.headers);",
    "password: process.env.DATABASE_PASSWORD_2024,",
    '"integrity": "sha512-Q2xLdkJrT3pFc1F5bXhQeVh0V2pLbVhyUnNaYUhQd3k0d0w1Zz09"',
    "secret: ${{ secrets.DEPLOY_KEY_2 }}",
  ])("in %j", (line) => {
    expect(secretsIn(line)).toEqual([]);
  });
});

it("a word of 12 MB is read to its end", () => {
  const long = `ghp_${"x".repeat(12_000_000)}`;
  expect(secretsIn(`${long} AKIA${drawn(16, "QWERTYUPASDF234567")}`).map(({ name }) => name)).toContain(
    "AWS access key id",
  );
  expect(redactSecrets(long)).toContain("[redacted: GitHub token]");
});

describe("every rule reads 1 MB in linear time", () => {
  const hostile = (unit: string): string => unit.repeat(Math.ceil(megabyte / unit.length)).slice(0, megabyte);
  const fillers = ["a", "A", "0", "-", "_", ".", "a.", "A-", "0_", "eyJ", "-eyJ", "a://", "=", "~"];

  it.each(secretRules.map((rule) => [rule.name, rule] as const))("%s", (_name, { pattern }) => {
    const begin = /[A-Za-z0-9:/_.-]{3,}/u.exec(pattern.source.replaceAll("\\b", "").replaceAll("\\.", "."))?.[0] ?? "x";
    const units = [begin, `-${begin}`, `${begin}a`, `${begin}${"A".repeat(30)}.`, `${begin}${"0".repeat(31)}-`];
    for (const unit of units) {
      const text = hostile(unit);
      const startedAtMs = performance.now();
      text.replace(pattern, "");
      expect(performance.now() - startedAtMs, unit.slice(0, 40)).toBeLessThan(5_000);
    }
  });

  it.each([
    ...fillers,
    "eyJaaaaaaaaaaaaaaa.",
    "eyJaaaaaaaaaaaaa.eyJaaaaaaaaaaaaa.",
    "a://b:c",
    "token=",
    'secret = "aaaaaaaaaaaa',
    "-----BEGIN PRIVATE KEY-----\\n",
    "-----BEGIN PRIVATE KEY-----A: ",
  ])("all of them together, of %j", (unit) => {
    const text = hostile(unit);
    const startedAtMs = performance.now();
    secretsIn(text);
    redactSecrets(text);
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
  });
});
