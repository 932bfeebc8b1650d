import { Skeleton, SkeletonRows } from "../components/ui/skeleton.tsx";

/** A page's place while its code is on the way. */
export function PageSkeleton() {
  return (
    <div className="mx-auto w-full max-w-4xl px-4 pt-8" role="status" aria-label="Loading">
      <Skeleton className="mb-6 h-7 w-56" />
      <SkeletonRows count={6} />
    </div>
  );
}

/** The shell's place until it is known who is signed in. */
export function ShellSkeleton() {
  return (
    <div className="flex h-full">
      <div className="hidden w-(--sidebar) shrink-0 flex-col gap-3 border-r border-line bg-panel p-3 md:flex">
        <Skeleton className="h-7 w-36" />
        <Skeleton className="h-8 w-full" />
        <Skeleton className="mt-3 h-5 w-28" />
        <Skeleton className="h-5 w-20" />
        <Skeleton className="h-5 w-24" />
      </div>
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex h-12 items-center border-b border-line px-4">
          <Skeleton className="h-4 w-40" />
        </div>
        <PageSkeleton />
      </div>
    </div>
  );
}
