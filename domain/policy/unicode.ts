/** Bidirectional controls: they show code in another order than it runs. https://trojansource.codes */
const bidi = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u;
/** Characters with no width, and tag characters, which hide text from a reader. */
const invisible = /[\u200b\u2060-\u2064\u180e\u{e0000}-\u{e007f}\u00ad\u3164\uffa0\u115f\u1160]|(?<!^)\ufeff/u;
/** A joiner or non-joiner between Latin letters: no script needs it there. */
const joiner = /[\p{Script=Latin}0-9_][\u200c\u200d][\p{Script=Latin}0-9_]/u;
/** A word that mixes Latin with letters of scripts whose letters look like Latin ones. */
const mixed =
  /(?:\p{Script=Latin}[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}]\p{Script=Latin})/u;

export type UnicodeFinding = "bidi" | "invisible" | "homoglyph";

/** Hidden or misleading characters in one line. */
export function unicodeFindings(line: string): readonly UnicodeFinding[] {
  const findings: UnicodeFinding[] = [];
  if (bidi.test(line)) findings.push("bidi");
  if (invisible.test(line) || joiner.test(line)) findings.push("invisible");
  if (mixed.test(line)) findings.push("homoglyph");
  return findings;
}
