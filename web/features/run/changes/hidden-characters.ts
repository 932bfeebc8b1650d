/*
 * Characters that change what a line means without being seen: bidirectional controls (Trojan Source), zero-width marks, soft hyphens,
 * variation selectors of the supplement and tags. https://www.unicode.org/reports/tr36/
 */
const hidden =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

/** The text with every hidden character written out as `⟦U+202E⟧`, and how many there were. */
export function revealHidden(text: string): { readonly text: string; readonly count: number } {
  let count = 0;
  const revealed = text.replace(hidden, (character) => {
    count += 1;
    return `⟦U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟧`;
  });
  return { text: revealed, count };
}
