/** Words that stand in the place of a credential in documentation and samples. */
const words = /example|placeholder|change[_-]?me|your[_-]?|dummy|redacted|insert[_-]|xxxx|\.\.\.|<[^>]{0,60}>|\*{3}/iu;
/** Expressions that stand in the place of a value: `${x}`, `{{x}}`, `%s`, `$X`, `<x>`. */
const variable = /^(?:\$?\{[^]*|\$\(?[A-Za-z_][^]*|%[A-Za-z({][^]*|<[^]*|\[[^]*|process\.env[^]*)$/u;
const runs = ["0123456789", "1234567890", "abcdefghijklmnopqrstuvwxyz", "abcdef0123456789", "0123456789abcdef"];

/** Credentials that their issuers print in their documentation. */
const documented = [
  // https://jwt.io
  "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
  "TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ",
  // https://docs.stripe.com/keys
  "4eC39HqLyjWDarjtT1zdp7dc",
  "BQokikJOvBiI2HlWgH4olfQ2",
];

/** Bits a character, by how often each occurs in the text. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Whether a match stands for a credential without being one: a documented example, a variable, one character over and over. */
export function isPlaceholder(match: string): boolean {
  if (words.test(match) || variable.test(match) || documented.some((known) => match.includes(known))) return true;
  const body = match.slice(-16).toLowerCase();
  return new Set(body).size <= 2 || runs.some((run) => run.includes(body.slice(-10)));
}

const localHosts =
  /^(?:localhost|127\.0\.0\.1|\[?::1\]?|0\.0\.0\.0|(?:[\w-]{1,63}\.)*example(?:\.(?:com|org|net|test))?|[\w-]{1,63}\.(?:test|invalid|local))$/iu;
const usual = /^(?:pass|passw(?:or)?d|pwd|secret|user(?:name)?|admin|root|test|postgres|mysql|guest|token|foo|bar)$/iu;

/** The same of a URL with user and password: those that everybody knows are no secret, and none on the reader's own machine. */
export function isPlaceholderUrl(user: string, password: string, host: string): boolean {
  return (
    variable.test(password) ||
    variable.test(user) ||
    words.test(password) ||
    usual.test(password) ||
    password === user ||
    localHosts.test(host) ||
    new Set(password).size <= 2
  );
}
