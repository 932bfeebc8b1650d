import { createHash, randomBytes } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { StackError } from "./errors.ts";

const secretsSchema = z.object({
  betterAuthSecret: z.string().min(32),
  /** 32 bytes in base64. */
  masterKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
  githubClientSecret: z.string().min(20),
  githubWebhookSecret: z.string().min(20),
  sandboxHostToken: z.string().min(20),
  modelKey: z.string().min(20),
});

/** Secrets of one local deployment: random, made once, kept in its data folder. */
export type StackSecrets = z.infer<typeof secretsSchema>;

/**
 * Reads the data folder's secrets, or makes them (file mode 0600).
 * @throws StackError when the file is there but damaged: new secrets would lock out the data that the old ones encrypted
 */
export function keepSecrets(dataDir: string): StackSecrets {
  const file = path.join(dataDir, "secrets.json");
  let text: string | undefined;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    text = undefined;
  }
  if (text !== undefined) {
    try {
      return secretsSchema.parse(JSON.parse(text));
    } catch {
      throw new StackError(`${file} is damaged: put it back from a copy, or clear all local data with: npm run reset`);
    }
  }
  const hex = (bytes: number): string => randomBytes(bytes).toString("hex");
  const made: StackSecrets = {
    betterAuthSecret: hex(32),
    masterKey: randomBytes(32).toString("base64"),
    githubClientSecret: hex(20),
    githubWebhookSecret: hex(20),
    sandboxHostToken: hex(20),
    modelKey: `local-${hex(20)}`,
  };
  writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return made;
}

/** The deployment's operations token: made from the master key, so that data folders from before it need no new secret. */
export function operationsToken(secrets: StackSecrets): string {
  return createHash("sha256").update(`operations\n${secrets.masterKey}`).digest("hex");
}
