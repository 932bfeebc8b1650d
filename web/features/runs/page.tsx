import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Play, SearchX } from "lucide-react";
import { useRef } from "react";
import { RunRow } from "../../components/run-row.tsx";
import { Button, buttonClass } from "../../components/ui/button.tsx";
import { cx } from "../../components/ui/cx.ts";
import { Empty, Failure } from "../../components/ui/notices.tsx";
import { SkeletonRows } from "../../components/ui/skeleton.tsx";
import { TabPanel, Tabs } from "../../components/ui/tabs.tsx";
import { useCrumbs } from "../../lib/crumbs.ts";
import { moveFocusIn } from "../../lib/hotkeys.ts";
import { runPagesQuery, type RunFilter } from "../../lib/queries.ts";
import { RunSearch, searchable } from "./search.tsx";

const route = getRouteApi("/shell/runs");

const filters: readonly { value: RunFilter; label: string }[] = [
  { value: "all", label: "All" },
  { value: "active", label: "Active" },
  { value: "waiting", label: "Waiting" },
  { value: "final", label: "Finished" },
];

const emptyWords: Record<RunFilter, { title: string; text: string }> = {
  all: { title: "No runs yet", text: "A run is one piece of agent work, from a request to a verified pull request." },
  active: { title: "No agent is at work", text: "Runs that an agent works on right now are listed here." },
  waiting: {
    title: "Nothing waits for a person",
    text: "Runs that ask for an approval, an answer or a decision are listed here.",
  },
  final: {
    title: "Nothing has finished yet",
    text: "Runs that are done, declined, cancelled or failed are listed here.",
  },
};

const emptyFilterWords: Record<Exclude<RunFilter, "all">, string> = {
  active: "active",
  waiting: "waiting",
  final: "finished",
};

/** All runs of the tenant, newest first, by state. */
export function RunsPage() {
  useCrumbs({ label: "Runs" });
  const { state = "all", q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const show = (nextState: RunFilter, nextText: string) =>
    void navigate({
      search: {
        ...(nextState === "all" ? {} : { state: nextState }),
        ...(nextText === "" ? {} : { q: nextText }),
      },
      replace: true,
    });
  return (
    <Tabs label="Runs by state" value={state} tabs={filters} onChange={(next) => show(next, q)} className="h-full">
      <h1 className="sr-only">Runs</h1>
      <RunSearch text={q} onChange={(next) => show(state, next)} />
      <TabPanel value={state} className="overflow-y-auto">
        <RunList key={state} filter={state} text={searchable(q) ? q.trim() : ""} onClear={() => show(state, "")} />
      </TabPanel>
    </Tabs>
  );
}

function RunList({ filter, text, onClear }: { filter: RunFilter; text: string; onClear: () => void }) {
  // The earlier result stays until the next answer, so that the list doesn't blink while a person types.
  const runs = useInfiniteQuery({ ...runPagesQuery(filter, text), placeholderData: (previous) => previous });
  const list = useRef<HTMLDivElement>(null);
  if (runs.isPending) return <SkeletonRows count={9} />;
  if (runs.isError && runs.data === undefined)
    return <Failure error={runs.error} onRetry={() => void runs.refetch()} className="m-4" />;
  const items = runs.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && text !== "") {
    return (
      <Empty
        icon={<SearchX aria-hidden />}
        title="No run found"
        action={<Button onClick={onClear}>Clear the search</Button>}
      >
        No {filter === "all" ? "" : `${emptyFilterWords[filter]} `}run has “{text}” in its title, its prompt or what
        people told it.
      </Empty>
    );
  }
  if (items.length === 0) {
    return (
      <Empty
        icon={<Play aria-hidden />}
        title={emptyWords[filter].title}
        action={
          <Link to="/" className={buttonClass("primary")}>
            Run agent
          </Link>
        }
      >
        {emptyWords[filter].text}
      </Empty>
    );
  }
  return (
    <div
      ref={list}
      aria-busy={runs.isPlaceholderData}
      className={cx("@container transition-opacity", runs.isPlaceholderData && "opacity-60")}
      onKeyDown={(event) => {
        if (moveFocusIn(list.current, "[data-row]", event.key)) event.preventDefault();
      }}
    >
      {items.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
      <div className="flex justify-center p-4">
        {runs.hasNextPage ? (
          <Button busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Show older runs
          </Button>
        ) : (
          <p className="text-xs text-muted">That is all of them. J and K move, Enter opens.</p>
        )}
      </div>
      {runs.isFetchNextPageError && (
        <Failure error={runs.error} onRetry={() => void runs.fetchNextPage()} className="mx-4 mb-4" />
      )}
    </div>
  );
}
