import { maxImportRows, type TransferFormat } from "../../../../contracts/ticket-transfer.ts";
import { rowsOfJson, rowsOfTable, type ImportFile, type Unreadable } from "../../../../domain/board/import-rows.ts";
import { readCsv } from "./csv.ts";

const lineFeed = 0x0a;
const strict = { fatal: true, ignoreBOM: false } as const;

/**
 * The rows of a file, or at which line and why it can't be read: another encoding than UTF-8, no CSV or JSON, no heading, no row or too
 * many.
 */
export function readImportFile(bytes: Uint8Array, format: TransferFormat): ImportFile | Unreadable {
  const text = textOf(bytes);
  if (typeof text !== "string") return text;
  const file = format === "csv" ? rowsOfCsv(text) : rowsOfJsonText(text);
  if ("reason" in file) return file;
  if (file.rows.length === 0) return { line: 1, reason: "The file has no ticket." };
  if (file.rows.length <= maxImportRows) return file;
  const [rows, most] = [file.rows.length, maxImportRows].map((count) => count.toLocaleString("en"));
  return {
    line: file.rows[maxImportRows]?.line ?? 1,
    reason: `The file has ${rows} tickets, and an import takes at most ${most}. Divide it.`,
  };
}

function rowsOfCsv(text: string): ImportFile | Unreadable {
  const table = readCsv(text);
  return "reason" in table ? table : rowsOfTable(table);
}

function rowsOfJsonText(text: string): ImportFile | Unreadable {
  try {
    return rowsOfJson(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, line = "1"] = /\bline (\d+)/u.exec(error.message) ?? [];
    return { line: Number(line), reason: "The file is no JSON." };
  }
}

/** UTF-8 alone: a guess at another encoding would spoil names without a word. */
function textOf(bytes: Uint8Array): string | Unreadable {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { line: 1, reason: "The file is in UTF-16. Save it as UTF-8." };
  try {
    return new TextDecoder("utf-8", strict).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return {
      line: firstBadLine(bytes),
      reason: "This line holds bytes that are no UTF-8. Save the file as UTF-8: other encodings spoil letters.",
    };
  }
}

/** The byte of a line feed is part of no other character of UTF-8, so each line can be looked at alone. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", strict);
  for (let start = 0, line = 1; ; line += 1) {
    const end = bytes.indexOf(lineFeed, start);
    try {
      decoder.decode(bytes.subarray(start, end === -1 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end === -1) return line;
    start = end + 1;
  }
}
