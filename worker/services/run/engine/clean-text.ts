import { redactSecrets } from "../../../../domain/policy/secrets.ts";
import { lawfulText } from "../../../../domain/run/lawful.ts";

/** A text from outside as it is kept in events: one that databases and vendors take, and with credentials named in the place of their bytes. */
export function cleanText(text: string): string {
  return redactSecrets(lawfulText(text));
}
