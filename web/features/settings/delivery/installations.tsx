import { useMutation, useQuery } from "@tanstack/react-query";
import { Plug } from "lucide-react";
import type { Connector } from "../../../../contracts/connector.ts";
import { CheckVisibility, useReloadRepositories } from "../../../components/visibility.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { api, bodyOf } from "../../../lib/api.ts";
import { useCan } from "../../../lib/me.ts";
import { connectorsQuery } from "../../../lib/queries.ts";
import { visibilityText } from "../../../lib/visibility.ts";

/** The tenant's installations of the GitHub App, each with how many of its repositories the signed-in person sees, and why. */
export function Installations() {
  const query = useQuery(connectorsQuery);
  return (
    <section aria-label="GitHub installations" className="rounded-xl border border-line bg-card px-4 py-3.5">
      <header className="flex min-h-7 flex-wrap items-center gap-2">
        <h2 className="min-w-0 flex-1 font-semibold">GitHub installations</h2>
        {query.data !== undefined && query.data.length > 0 && <CheckVisibility />}
      </header>
      {query.data === undefined ? (
        query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} className="mt-3" />
        ) : (
          <SkeletonRows count={1} className="mt-3 h-14" />
        )
      ) : query.data.length === 0 ? (
        <p className="mt-1 text-muted">No installation is connected yet, so there is no repository to choose.</p>
      ) : (
        <ul className="mt-3 overflow-hidden rounded-lg border border-line">
          {query.data.map((connector) => (
            <InstallationRow key={connector.id} connector={connector} />
          ))}
        </ul>
      )}
    </section>
  );
}

function InstallationRow({ connector }: { connector: Connector }) {
  const maySync = useCan("connector.manage");
  const reload = useReloadRepositories();
  const sync = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/connectors/{id}/sync", { params: { path: { id: connector.id } } })),
    onSuccess: reload,
  });
  const { accountLogin, visibility } = connector;
  return (
    <li className="flex flex-col gap-1.5 border-b border-line px-3 py-2.5 last:border-b-0">
      <div className="flex flex-wrap items-center gap-2">
        <Plug className="size-4 shrink-0 text-muted" aria-hidden />
        <h3 className="min-w-0 flex-1 font-medium break-words">{accountLogin}</h3>
        {maySync && (
          <Button
            size="sm"
            busy={sync.isPending}
            title="Reads the installation’s list of repositories anew"
            onClick={() => sync.mutate()}
          >
            Sync
          </Button>
        )}
      </div>
      <p className="text-soft">{visibilityText(connector)}</p>
      {visibility !== null && visibility.answeredAtMs !== null && (
        <p className="text-xs text-muted">
          GitHub answered <TimeAgo atMs={visibility.answeredAtMs} />
        </p>
      )}
      {sync.isError && <Failure error={sync.error} kept="The repositories are the same as before." />}
    </li>
  );
}
