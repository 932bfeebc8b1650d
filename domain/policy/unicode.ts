import { bidiControls, controlCharacters, inkless, misplaced } from "./hidden-text.ts";

const bidi = new RegExp(`[${bidiControls}]`, "u");
const invisible = new RegExp(`[${inkless}]|${misplaced}`, "u");
const control = new RegExp(controlCharacters, "u");
/** A word that mixes Latin with letters of scripts whose letters look like Latin ones. */
const mixed =
  /(?:\p{Script=Latin}[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}]\p{Script=Latin})/u;

export type UnicodeFinding = "bidi" | "invisible" | "control" | "homoglyph";

/** Hidden or misleading characters in one line. */
export function unicodeFindings(line: string): readonly UnicodeFinding[] {
  const findings: UnicodeFinding[] = [];
  if (bidi.test(line)) findings.push("bidi");
  if (invisible.test(line)) findings.push("invisible");
  if (control.test(line)) findings.push("control");
  if (mixed.test(line)) findings.push("homoglyph");
  return findings;
}

const hiddenAnywhere = new RegExp(`[${bidiControls}${inkless}]|${misplaced}`, "gu");

/** The text without invisible characters: bidirectional controls, characters of no width, tags. */
export function stripHidden(text: string): string {
  return text.replace(hiddenAnywhere, "");
}
