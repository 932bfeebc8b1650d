import { Skeleton } from "../../components/ui/skeleton.tsx";
import { stageOrder } from "../../lib/vocabulary.ts";
import { stageLabels } from "../../lib/words.ts";

/** The board's columns while its tickets are on the way. */
export function BoardSkeleton() {
  return (
    <div className="flex h-full flex-col" role="status" aria-label="Loading the board">
      <div className="flex h-12 items-center gap-2 px-4">
        <Skeleton className="h-8 w-52" />
      </div>
      <div className="flex min-h-0 flex-1 gap-3 overflow-hidden px-4">
        {stageOrder.map((column, index) => (
          <div key={column} className="flex w-72 shrink-0 flex-col gap-2">
            <p className="h-8 pt-2 font-medium text-muted">{stageLabels[column]}</p>
            {Array.from({ length: 3 - (index % 3) }, (_, card) => (
              <Skeleton key={card} className="h-24 w-full rounded-xl" />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
