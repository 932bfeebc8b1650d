import type { TransferTicket } from "../../contracts/ticket-transfer.ts";

/** A spreadsheet would take such a cell as a formula. */
const formula = /^'*[=+\-@\t\r\n]/u;
const guarded = /^'+[=+\-@\t\r\n]/u;

/**
 * A cell that no spreadsheet takes as a formula: a quote mark stands before one that begins like a formula, or like a guarded one, so
 * that `unguardedCell` gives every text back. https://owasp.org/www-community/attacks/CSV_Injection
 */
export function guardedCell(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** The text of a guarded cell. */
export function unguardedCell(cell: string): string {
  return guarded.test(cell) ? cell.slice(1) : cell;
}

/** Several texts in one cell, with commas between them; one that has a comma, a quotation mark or outer spaces itself is quoted. */
export function listCell(items: readonly string[]): string {
  return items
    .map((item) => (item === "" || /[",]|^\s|\s$/u.test(item) ? `"${item.replaceAll('"', '""')}"` : item))
    .join(", ");
}

/** The texts of such a cell. Spaces around them don't count, and neither do empty ones without quotation marks. */
export function listOfCell(cell: string): string[] {
  const items: string[] = [];
  const item = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)/uy;
  while (item.lastIndex < cell.length) {
    const found = item.exec(cell);
    if (found === null) break;
    // The second form takes everything, so that an open quotation mark is a character like any other.
    const [, quoted, bare = ""] = found;
    if (quoted !== undefined) items.push(quoted.replaceAll('""', '"'));
    else if (bare.trim() !== "") items.push(bare.trim());
  }
  return items;
}

/** A ticket's cells in the order of its fields. */
export function cellsOfTicket(ticket: TransferTicket): string[] {
  return Object.values(ticket).map((value) => guardedCell(typeof value === "string" ? value : listCell(value)));
}
