const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A span in milliseconds as people say it: `420ms`, `4.2s`, `2m 5s`, `3h 4m`, `2d 1h`. */
export function formatDuration(ms: number): string {
  const span = Math.max(0, ms);
  if (span < second) return `${Math.round(span)}ms`;
  if (span < 10 * second) return `${(span / second).toFixed(1)}s`;
  if (span < minute) return `${Math.floor(span / second)}s`;
  if (span < hour) return pair(Math.floor(span / minute), "m", Math.floor((span % minute) / second), "s");
  if (span < day) return pair(Math.floor(span / hour), "h", Math.floor((span % hour) / minute), "m");
  return pair(Math.floor(span / day), "d", Math.floor((span % day) / hour), "h");
}

function pair(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major}${majorUnit}` : `${major}${majorUnit} ${minor}${minorUnit}`;
}

/** A moment (UTC ms) relative to another: `just now`, `5 min ago`, `3 h ago`, `2 d ago`, then the date. */
export function formatRelative(atMs: number, nowMs: number): string {
  const ago = nowMs - atMs;
  if (ago < 45 * second) return "just now";
  if (ago < hour) return `${Math.max(1, Math.round(ago / minute))} min ago`;
  if (ago < day) return `${Math.round(ago / hour)} h ago`;
  if (ago < 14 * day) return `${Math.round(ago / day)} d ago`;
  return new Date(atMs).toLocaleDateString("en", { year: "numeric", month: "short", day: "numeric" });
}

/** A moment (UTC ms) in full, in the reader's time zone. */
export function formatExact(atMs: number): string {
  return new Date(atMs).toLocaleString("en", { dateStyle: "medium", timeStyle: "medium" });
}

/** Millionths of a US dollar: `$0.0042`, `$1.27`; `—` when the price isn't known. */
export function formatCost(micros: number | null): string {
  if (micros === null) return "—";
  const dollars = micros / 1_000_000;
  if (dollars === 0) return "$0";
  return dollars < 0.1 ? `$${dollars.toFixed(4)}` : `$${dollars.toFixed(2)}`;
}

/** A count, shortened from a thousand on: `950`, `12.4k`, `3.1M`. */
export function formatCount(count: number): string {
  if (count < 1000) return String(count);
  if (count < 1_000_000) return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** A size in bytes: `312 B`, `4.1 kB`, `2.0 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The head of a hash or commit, long enough to tell two apart by eye. */
export function shortHash(hash: string, characters = 7): string {
  return hash.slice(0, characters);
}

/** `1 file`, `3 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
