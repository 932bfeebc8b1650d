import { parse, CsvError } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import type { ImportTable, Unreadable } from "../../../../domain/board/import-rows.ts";

/* The one file that knows the libraries that read and write CSV. */

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const delimiters = [",", ";", "\t"] as const;

/** Why a file breaks off, by the library's code. Other codes come of options that are not used here. */
const reasons: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "A quotation mark of this row is opened and never closed.",
  INVALID_OPENING_QUOTE:
    "A quotation mark stands within a cell of this row that does not begin with one. Write it twice, in a quoted cell.",
  CSV_INVALID_CLOSING_QUOTE:
    "Text follows the closing quotation mark of a cell in this row. Write a quotation mark within a cell twice.",
};

/** Records as CSV by RFC 4180, each with its line break. https://www.rfc-editor.org/rfc/rfc4180 */
export function writeCsv(records: readonly (readonly string[])[]): string {
  return stringify([...records], { record_delimiter: "\r\n", quoted_match: /[\r\n]/u });
}

/**
 * The records of a CSV text, each with the line at which it begins, or why it can't be read. Lines may end in any of the three ways, and
 * the cells are divided as the first line divides them: by comma, semicolon or tab. Empty lines are left out.
 */
export function readCsv(text: string): ImportTable | Unreadable {
  const bytes = new TextEncoder().encode(text);
  const records: { readonly cells: readonly string[]; readonly endByte: number }[] = [];
  let broken: string | undefined;
  try {
    parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: readonly string[], { bytes: endByte }) => {
        records.push({ cells, endByte });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    broken = reasons[error.code] ?? "This row is no CSV.";
  }
  const lines = new LineCount(bytes);
  const table = records.map(({ cells, endByte }) => ({ cells, line: lines.startOfRecord(endByte) }));
  return broken === undefined ? table : { line: lines.startOfRecord(bytes.length), reason: broken };
}

/** The delimiter that stands most often in the first line. */
function delimiterOf(text: string): string {
  const [first = ""] = text.split(/[\r\n]/u, 1);
  const count = (delimiter: string): number => first.split(delimiter).length;
  return delimiters.reduce((best, each) => (count(each) > count(best) ? each : best));
}

/** Counts lines along the bytes of a text. A line break of two bytes counts once. */
class LineCount {
  readonly #bytes: Uint8Array;
  #at = 0;
  #line = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The line of the next record's first byte, behind empty lines. Goes on to the byte at which the record ends. */
  startOfRecord(endByte: number): number {
    while (this.#isBreak() && this.#at < this.#bytes.length) this.#next();
    const line = this.#line;
    while (this.#at < endByte) this.#next();
    return line;
  }

  #isBreak(): boolean {
    const byte = this.#bytes[this.#at];
    return byte === lineFeed || byte === carriageReturn;
  }

  #next(): void {
    const byte = this.#bytes[this.#at];
    this.#at += 1;
    if (byte === lineFeed || (byte === carriageReturn && this.#bytes[this.#at] !== lineFeed)) this.#line += 1;
  }
}
