/** How many of some things are done, as a short bar and in words. */
export function DoneCount({ done, total, words }: { done: number; total: number; words: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-muted">
      <span aria-hidden className="h-1 w-10 overflow-hidden rounded-full bg-active">
        <span className="block h-full rounded-full bg-green" style={{ width: `${(done / total) * 100}%` }} />
      </span>
      <span className="tabular">{words}</span>
    </span>
  );
}
