import type { Member } from "../../contracts/ticket-parts.ts";
import { memberOfAddress, mentionOf } from "../../domain/board/mention.ts";

/** True for the address of a link that mentions a member. */
export function isMention(address: string | undefined): boolean {
  return address !== undefined && memberOfAddress(address) !== null;
}

/** A name that is being typed after `@`: where it begins and ends in the text, and the letters of it so far. */
export interface TypedMention {
  readonly start: number;
  readonly end: number;
  readonly letters: string;
}

const longestName = 40;
const typedPattern = /(?:^|[\s(*_>,;:/-])@((?!\s)[^\n@[\]]*)$/u;

/** The name that is being typed at this place of a text; null where none is. */
export function typedMention(text: string, caret: number): TypedMention | null {
  const from = Math.max(0, caret - longestName - 2);
  const letters = typedPattern.exec(text.slice(from, caret))?.[1];
  if (letters === undefined || letters.length > longestName) return null;
  return { start: caret - letters.length - 1, end: caret, letters };
}

const mostOffered = 6;

/** The members whose name, or a word of it, begins with these letters; without letters all of them. At most six. */
export function membersFor(members: readonly Member[], letters: string): readonly Member[] {
  const wanted = letters.toLowerCase();
  const fits = ({ name }: Member) => {
    const lower = name.toLowerCase();
    return lower.startsWith(wanted) || lower.split(/[\s.-]+/u).some((word) => word.startsWith(wanted));
  };
  return members.filter(fits).slice(0, mostOffered);
}

/** The text with a member's mention in the place of what was typed, and where one goes on typing. */
export function withMention(
  text: string,
  { end, start }: TypedMention,
  member: Member,
): { readonly text: string; readonly caret: number } {
  const mention = mentionOf(member);
  const rest = text.slice(end);
  const space = rest === "" || /^[\p{L}\p{N}]/u.test(rest) ? " " : "";
  const after = space === "" && !/^\s/u.test(rest) ? 0 : 1;
  return { text: `${text.slice(0, start)}${mention}${space}${rest}`, caret: start + mention.length + after };
}
