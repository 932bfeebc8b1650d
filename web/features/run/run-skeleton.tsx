import { Skeleton } from "../../components/ui/skeleton.tsx";

/** The workbench while it is asked for whether the run exists. */
export function RunSkeleton() {
  return (
    <div className="flex h-full flex-col" role="status" aria-label="Loading the run">
      <div className="flex flex-col gap-3 border-b border-line px-4 py-3">
        <Skeleton className="h-6 w-2/5" />
        <Skeleton className="h-4 w-3/5" />
        <Skeleton className="h-6 w-full" />
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="flex flex-1 flex-col gap-3 p-4">
          <Skeleton className="h-3 w-full" />
          <Skeleton className="h-20 w-full" />
          <Skeleton className="h-5 w-2/3" />
          <Skeleton className="h-5 w-1/2" />
        </div>
        <div className="hidden flex-1 flex-col gap-3 border-l border-line p-4 lg:flex">
          <Skeleton className="h-8 w-2/3" />
          <Skeleton className="h-48 w-full" />
        </div>
      </div>
    </div>
  );
}
