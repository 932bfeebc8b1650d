import { redactSecrets, secretsInLine } from "./secrets.ts";

/**
 * A file's name, or a sentence with one, as events and pages have it. A name that holds a credential is named without its bytes: policy blocks
 * a patch set with such a name, so no approval ever speaks of the name that is shown. Every other name stays as it is, to the byte.
 */
export function shownName(name: string): string {
  return secretsInLine(name).length === 0 ? name : redactSecrets(name);
}
