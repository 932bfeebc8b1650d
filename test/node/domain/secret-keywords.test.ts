import fc from "fast-check";
import { expect, test } from "vitest";
import { entropyOf, isPlaceholder } from "../../../domain/policy/placeholders.ts";
import { redactPrivateKeys } from "../../../domain/policy/private-keys.ts";
import { mayMatch, secretRules, type SecretRule } from "../../../domain/policy/secret-rules.ts";
import { redactSecrets, secretsIn } from "../../../domain/policy/secrets.ts";

/** The redaction with every pattern tried on every text. */
function unfiltered(text: string): string {
  let redacted = redactPrivateKeys(text);
  for (const { name, pattern } of secretRules) redacted = redacted.replace(pattern, `[redacted: ${name}]`);
  redacted = redacted.replace(
    /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{13,4000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{20,2000}/gu,
    (match) => {
      const at = match.indexOf("eyJ");
      const isToken = at >= 0 && at + 13 <= match.indexOf(".");
      return isToken ? `${match.slice(0, at)}[redacted: JSON Web Token]` : match;
    },
  );
  return redacted.replace(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:)[^\s/:@]{3,200}(@)/gu, "$1[redacted]$2");
}

/** Texts that the rule's pattern is made for, without its boundaries, which other texts around it give. */
function matching({ pattern }: SecretRule): fc.Arbitrary<string> {
  const bare = pattern.source
    .replaceAll("\\b", "")
    .replaceAll(/\(\?<!(?:\[[^\]]*\]|[^)])*\)/gu, "")
    .replaceAll(",1000}", ",}");
  return fc.stringMatching(new RegExp(`^(?:${bare})$`, "u"), { size: "-1" });
}

const secrets = fc.oneof(...secretRules.map(matching));
const pieces = fc.oneof(
  { weight: 3, arbitrary: secrets },
  // A part of one, at either end.
  {
    weight: 3,
    arbitrary: fc.tuple(secrets, fc.nat(60), fc.nat(60)).map(([secret, from, cut]) => secret.slice(from, -cut - 1)),
  },
  { weight: 2, arbitrary: fc.constantFrom(...secretRules.flatMap(({ keywords }) => keywords)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        "eyJ",
        ".eyJ",
        "://",
        "postgres://a:",
        "hunter22@db",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
      ],
      ...[" ", "\n", ".", "-", "_", "~", "=", '"', ":", "@", "é", "\ud800", "[redacted: ", "]"],
    ),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9]{0,80}$/u) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
);
const texts = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(""));

test.each(secretRules.map((rule) => [rule.pattern.source.slice(0, 60), rule] as const))(
  "Every match of %s has one of its keywords.",
  (_, rule) => {
    fc.assert(
      fc.property(matching(rule), (secret) => {
        const found = [...` ${secret} `.matchAll(rule.pattern)];
        expect(found.every(({ 0: match }) => mayMatch(rule, match))).toBe(true);
        return found.length > 0;
      }),
      { numRuns: 20 },
    );
  },
);

test("A rule whose keywords are not in a text does not match it.", () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const rule of secretRules) if (!mayMatch(rule, text)) expect(text.match(rule.pattern)).toBeNull();
    }),
    { numRuns: 600 },
  );
});

test("A text is redacted as if every pattern were tried.", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(redactSecrets(text)).toBe(unfiltered(text));
    }),
    { numRuns: 1_500 },
  );
});

test("A text is searched as if every pattern were tried.", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const expected = secretRules.flatMap(({ minEntropy = 0, name, pattern }) =>
        [...text.matchAll(pattern)].flatMap(({ 0: match, index }) =>
          !isPlaceholder(match) && entropyOf(match) >= minEntropy ? [`${name} at ${index}`] : [],
        ),
      );
      const names = new Set(secretRules.map(({ name }) => name));
      const found = secretsIn(text).flatMap(({ index, name }) => (names.has(name) ? [`${name} at ${index}`] : []));
      expect(found).toEqual(expected);
    }),
    { numRuns: 600 },
  );
});
