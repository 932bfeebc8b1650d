import type { ReactNode } from "react";
import { Button } from "../../../../components/ui/button.tsx";

interface ShowEarlierProps {
  readonly of: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    fetchNextPage(): Promise<unknown>;
  };
  readonly children: ReactNode;
}

/** Loads the next page of a list that goes back in time; nothing where there is none. */
export function ShowEarlier({ of: { fetchNextPage, hasNextPage, isFetchingNextPage }, children }: ShowEarlierProps) {
  if (!hasNextPage) return null;
  return (
    <Button
      look="ghost"
      size="sm"
      busy={isFetchingNextPage}
      onClick={() => void fetchNextPage()}
      className="mt-1 text-muted"
    >
      {children}
    </Button>
  );
}
