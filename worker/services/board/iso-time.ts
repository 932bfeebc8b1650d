/** UTC milliseconds as ISO 8601, such as `2026-11-30T09:00:00.000Z`. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
