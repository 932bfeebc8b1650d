/**
 * Rows of words as lines with aligned columns, two spaces apart.
 * @param {readonly (readonly string[])[]} rows
 * @returns {string[]}
 */
export function alignColumns(rows) {
  const widths = [];
  for (const row of rows) {
    for (const [column, word] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, word.length);
  }
  return rows.map((row) => row.map((word, column) => word.padEnd(widths[column])).join("  ").trimEnd());
}
