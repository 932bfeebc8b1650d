import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { Run } from "../../../contracts/run.ts";
import { buttonClass } from "../../components/ui/button.tsx";
import { Empty, Failure } from "../../components/ui/notices.tsx";
import { ApiError, asApiError } from "../../lib/api.ts";
import { setConnection } from "../../lib/connection.ts";
import { useCrumbs } from "../../lib/crumbs.ts";
import type { SocketEnd } from "../../lib/live-socket.ts";
import { meQuery, runQuery } from "../../lib/queries.ts";
import { followRun } from "./follow.ts";
import { RunHeader } from "./panels/header.tsx";
import { RunSkeleton } from "./run-skeleton.tsx";
import { RunStore, useRunNow, useRunPage } from "./store.ts";
import { Workbench } from "./workbench.tsx";

const route = getRouteApi("/shell/runs/$runId");

/** A live run: its transcript, its proposals, and the decisions of people about them. */
export function RunPage() {
  const { runId } = route.useParams();
  return <FollowedRun key={runId} runId={runId} />;
}

const endErrors: Record<SocketEnd, ApiError> = {
  signed_out: new ApiError({
    code: "unauthenticated",
    status: 401,
    title: "You are signed out",
    detail: "Sign in again to go on watching.",
    requestId: null,
  }),
  forbidden: new ApiError({
    code: "forbidden",
    status: 403,
    title: "This run isn’t yours to see",
    detail: "It belongs to another tenant.",
    requestId: null,
  }),
  not_found: new ApiError({
    code: "not_found",
    status: 404,
    title: "There is no such run",
    detail: "The address may be mistyped.",
    requestId: null,
  }),
};

function FollowedRun({ runId }: { runId: string }) {
  const run = useQuery(runQuery(runId));
  const queryClient = useQueryClient();
  const [store] = useState(() => new RunStore());
  const [end, setEnd] = useState<SocketEnd | null>(null);
  const exists = run.data !== undefined;
  useCrumbs(
    { label: "Runs", href: "/runs" },
    { label: `Run ${runId}`, ...(run.data === undefined ? {} : { title: run.data.title }) },
  );

  useEffect(() => {
    if (!exists) return;
    const stop = followRun({
      runId,
      store,
      onConnection: setConnection,
      onEnd: (reason) => {
        setEnd(reason);
        // Asking who is signed in leads to the sign-in page and back here.
        if (reason === "signed_out") void queryClient.invalidateQueries({ queryKey: runQuery(runId).queryKey });
      },
    });
    return () => {
      stop();
      setConnection(null);
    };
  }, [runId, store, exists, queryClient]);

  const state = useRunPage(store, ({ view }) => (view.created === undefined ? null : view.state));
  useEffect(() => {
    if (state === null) return;
    for (const queryKey of [runQuery(runId).queryKey, ["runs"], ["board"]])
      void queryClient.invalidateQueries({ queryKey });
  }, [state, runId, queryClient]);

  if (run.data === undefined) {
    if (!run.isError) return <RunSkeleton />;
    const { code } = asApiError(run.error);
    if (code === "not_found" || code === "invalid_request") return <MissingRun />;
    return <Failure error={run.error} onRetry={() => void run.refetch()} className="m-4" />;
  }
  return (
    <div className="flex h-full flex-col">
      <LiveHeader run={run.data} store={store} />
      {end !== null && (
        <Failure
          error={endErrors[end]}
          className="mx-4 mt-3"
          onRetry={() => void queryClient.invalidateQueries({ queryKey: meQuery.queryKey })}
        />
      )}
      <Workbench run={run.data} store={store} />
    </div>
  );
}

/** For a number that no run of the tenant has. */
function MissingRun() {
  return (
    <Empty
      icon={<Compass aria-hidden />}
      title="There is no such run"
      action={
        <Link to="/runs" className={buttonClass("primary")}>
          Go to the runs
        </Link>
      }
    >
      The address may be mistyped, or the run belongs to another tenant.
    </Empty>
  );
}

function LiveHeader({ run, store }: { run: Run; store: RunStore }) {
  const now = useRunNow(run, store);
  return useMemo(() => <RunHeader run={run} now={now} />, [run, now]);
}
