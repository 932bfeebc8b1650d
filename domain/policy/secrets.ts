/**
 * Shapes of credentials whose issuers document a fixed prefix, so that a match is a finding and not a guess. All are
 * linear: no nested quantifiers.
 */
const shapes: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: "private key", pattern: /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY-----/u },
  { name: "AWS access key id", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/u },
  { name: "GitHub token", pattern: /\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36,255}\b/u },
  { name: "GitHub fine-grained token", pattern: /\bgithub_pat_[A-Za-z0-9_]{60,255}\b/u },
  { name: "Anthropic API key", pattern: /\bsk-ant-[A-Za-z0-9_-]{20,200}/u },
  { name: "OpenAI API key", pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{40,200}\b/u },
  { name: "Slack token", pattern: /\bxox[abposr]-[A-Za-z0-9-]{20,200}/u },
  {
    name: "Slack webhook",
    pattern: /https:\/\/hooks\.slack\.com\/services\/T[A-Z0-9]{6,20}\/B[A-Z0-9]{6,20}\/[A-Za-z0-9]{16,40}/u,
  },
  { name: "Stripe secret key", pattern: /\b(?:sk|rk)_live_[A-Za-z0-9]{20,200}\b/u },
  { name: "Google API key", pattern: /\bAIza[0-9A-Za-z_-]{35}\b/u },
  { name: "npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/u },
  { name: "GitLab token", pattern: /\bglpat-[A-Za-z0-9_-]{20,40}/u },
  { name: "Linear API key", pattern: /\blin_api_[A-Za-z0-9]{40}\b/u },
  {
    name: "JSON Web Token",
    pattern: /\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,2000}/u,
  },
  { name: "password in a URL", pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,100}:[^\s/:@]{3,200}@[^\s/]/u },
];

/** Names of the credential shapes found in one line of at most 20,000 characters (longer lines are cut there). */
export function secretsInLine(line: string): readonly string[] {
  const text = line.slice(0, 20_000);
  return shapes.filter(({ pattern }) => pattern.test(text)).map(({ name }) => name);
}

const everywhere = shapes
  .filter(({ name }) => name !== "password in a URL")
  .map(({ name, pattern }) => ({ name, pattern: new RegExp(pattern.source, "gu") }));

/** The text with every credential shape replaced by `[redacted: <name>]`, for logs, events and exports. */
export function redactSecrets(text: string): string {
  let redacted = text;
  for (const { name, pattern } of everywhere) redacted = redacted.replace(pattern, `[redacted: ${name}]`);
  return redacted.replace(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,100}:)[^\s/:@]{3,200}(@)/gu, "$1[redacted]$2");
}
