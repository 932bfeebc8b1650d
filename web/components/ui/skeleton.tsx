import { cx } from "./cx.ts";

/** A grey shape where content will be; give it the size of that content. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("animate-skeleton rounded-md bg-hover", className)} />;
}

/** Rows of a list that is being loaded. */
export function SkeletonRows({ count, className = "h-11" }: { count: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-px">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className={cx("flex items-center gap-3 border-b border-line px-3", className)}>
          <Skeleton className="size-2.5 rounded-full" />
          <Skeleton className={index % 3 === 0 ? "h-3 w-2/5" : index % 3 === 1 ? "h-3 w-1/2" : "h-3 w-1/3"} />
          <Skeleton className="ml-auto h-3 w-16" />
        </div>
      ))}
    </div>
  );
}
