/*
 * A member who is mentioned in a text is a link of Markdown to `#member-<id>`, whose words are `@` and the name that the person had then.
 * Links within code, and images, are no mentions.
 */
const linkPattern = /(?<![\\!])\[@((?:[^\]\\\n]|\\[^\n]){1,400})\]\(#member-([1-9][0-9]{0,15})\)/gu;
const addressPattern = /^#member-([1-9][0-9]{0,15})$/u;
const fencePattern = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/u;
const inlineCodePattern = /(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/gu;

/** A member's mention as it is written into a text. */
export function mentionOf({ id, name }: { readonly id: string; readonly name: string }): string {
  const oneLine = name.replaceAll(/\s+/gu, " ").trim();
  return `[@${oneLine.replaceAll(/[[\]\\`*_<>&]/gu, (mark) => `\\${mark}`)}](#member-${id})`;
}

/** The ids of the members that a text mentions, each once, in the order in which they come. */
export function mentionedIn(text: string): readonly string[] {
  const links = [...withoutCode(text).matchAll(linkPattern)];
  return [...new Set(links.flatMap(([, , id]) => id ?? []))];
}

/** The id of the member whose mention has this address; null for an address of something else. */
export function memberOfAddress(address: string): string | null {
  return addressPattern.exec(address)?.[1] ?? null;
}

/** A text with each mention as its words alone, such as `@Lena`. */
export function withPlainMentions(text: string): string {
  return text.replaceAll(linkPattern, (_, name: string) => `@${name.replaceAll(/\\(.)/gu, "$1")}`);
}

/** A text without its fenced blocks and its code within lines, as CommonMark finds them. */
function withoutCode(text: string): string {
  const kept: string[] = [];
  let fence: string | null = null;
  for (const line of text.split("\n")) {
    const marks = fencePattern.exec(line)?.[1];
    if (fence === null && marks === undefined) kept.push(line);
    else if (fence === null) fence = marks ?? null;
    else if (marks?.startsWith(fence) === true) fence = null;
  }
  // Code within lines ends with its paragraph.
  const paragraphs = kept.join("\n").split(/\n[ \t]*\n/u);
  return paragraphs.map((paragraph) => paragraph.replaceAll(inlineCodePattern, " ")).join("\n");
}
