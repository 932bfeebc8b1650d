import { entropyOf, isPlaceholder, isPlaceholderUrl } from "./placeholders.ts";
import { redactPrivateKeys } from "./private-keys.ts";
import { canHoldSecret, hasKeyword, mayMatch, secretRules } from "./secret-rules.ts";

/** A credential in a text: the name of its shape and where it begins. `isCertain`: false for a guess from the name beside it. */
export interface FoundSecret {
  readonly name: string;
  readonly index: number;
  readonly isCertain: boolean;
}

/** A token's first part is looked for from the beginning of its run alone, so that none is looked through twice. */
const jwt = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{13,4000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{20,2000}/gu;
const url = /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/:@]{0,100}):([^\s/:@]{3,200})@([^\s/:@"'`]{0,100})/gu;
/** A private key with the beginning of its content: its first line alone is only spoken of. */
const privateKey =
  /-----BEGIN (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|["'`+,;]|[A-Z][A-Za-z-]{1,20}: [^\n]{0,100}){1,40}[A-Za-z0-9+/=]{40}/gu;
/** A value given to something that is called like a credential, as code and settings write it. */
const assigned =
  /(?:api[_-]?key|secret|token|passw(?:or)?d|credential|private[_-]?key|access[_-]?key|auth)[\w.-]{0,20}["'`]?\s{0,3}(?:=>|:=|[:=])\s{0,5}(?:["'`]([^\s"'`]{12,150})["'`]|([A-Za-z0-9+/=_-]{16,150})(?=[\s;,]|$))/giu;
const minAssignedEntropy = 3.5;
/** Literals that every match of these has. */
const keyword = { privateKey: "-----BEGIN ", jwt: ".eyJ", url: "://" };

/** The credentials in a text of one or more lines, in the order of their shapes. Placeholders are none. Linear in the text. */
export function secretsIn(text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  const add = (name: string, index: number, isCertain = true): void => void found.push({ name, index, isCertain });
  if (!canHoldSecret(text)) return found;
  for (const rule of hasKeyword(text) ? secretRules : []) {
    if (!mayMatch(rule, text)) continue;
    const { minEntropy = 0, name, pattern } = rule;
    for (const { 0: match, index } of text.matchAll(pattern))
      if (!isPlaceholder(match) && entropyOf(match) >= minEntropy) add(name, index);
  }
  if (text.includes(keyword.privateKey)) for (const { index } of text.matchAll(privateKey)) add("private key", index);
  if (text.includes(keyword.jwt))
    for (const { 0: match, index } of text.matchAll(jwt))
      if (startsToken(match) && !isPlaceholder(match)) add("JSON Web Token", index);
  if (text.includes(keyword.url))
    for (const { 1: user = "", 2: password = "", 3: host = "", index } of text.matchAll(url))
      if (!isPlaceholderUrl(user, password, host)) add("password in a URL", index);
  for (const { 1: quoted, 2: bare, index } of text.matchAll(assigned)) {
    const value = quoted ?? bare ?? "";
    const isMixed = /[0-9]/u.test(value) && /[a-z]/iu.test(value);
    if (isMixed && !isPlaceholder(value) && entropyOf(value) >= minAssignedEntropy)
      add("a value that is called a secret", index, false);
  }
  return found;
}

/** Names of the credential shapes that are certain in one line, however long it is. */
export function secretsInLine(line: string): readonly string[] {
  return [...new Set(secretsIn(line).flatMap(({ isCertain, name }) => (isCertain ? [name] : [])))];
}

/** The text with every credential shape replaced by `[redacted: <name>]`, for logs, events and exports; placeholders too. */
export function redactSecrets(text: string): string {
  if (!canHoldSecret(text)) return text;
  let redacted = redactPrivateKeys(text);
  if (hasKeyword(redacted))
    for (const rule of secretRules)
      if (mayMatch(rule, redacted)) redacted = redacted.replace(rule.pattern, `[redacted: ${rule.name}]`);
  if (redacted.includes(keyword.jwt))
    redacted = redacted.replace(jwt, (match) =>
      startsToken(match) ? `${match.slice(0, match.indexOf("eyJ"))}[redacted: JSON Web Token]` : match,
    );
  if (!redacted.includes(keyword.url)) return redacted;
  return redacted.replace(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:)[^\s/:@]{3,200}(@)/gu, "$1[redacted]$2");
}

/** Whether the first part of three has a header's beginning in it. */
function startsToken(match: string): boolean {
  const at = match.indexOf("eyJ");
  return at >= 0 && at + 13 <= match.indexOf(".");
}
