import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { Button } from "../../../components/ui/button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { api, bodyOf } from "../../../lib/api.ts";
import { useCan } from "../../../lib/me.ts";
import { runEffectsQuery } from "../../../lib/queries.ts";
import { parkedText } from "../model/parked.ts";

/** The effects of the run that failed too often and wait for a person, with the way to try them again. Nothing where there are none. */
export function ParkedEffects({ runId }: { runId: string }) {
  const mayRetry = useCan("run.retry_effects");
  const { data } = useQuery({ ...runEffectsQuery(runId), enabled: mayRetry });
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/runs/{id}/effects/retry", { params: { path: { id: runId } } })),
    onSuccess: (effects) => client.setQueryData(runEffectsQuery(runId).queryKey, effects),
  });
  const text = parkedText(data?.items ?? []);
  if (text === null) return null;
  return (
    <section
      aria-label="Parked effects"
      className="flex items-start gap-2.5 rounded-xl border border-amber-line bg-amber-soft px-3 py-2.5"
    >
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-amber" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="break-words">{text}</p>
        {retry.isError && <Failure error={retry.error} kept="The effects stay parked." className="mt-2" />}
      </div>
      <Button size="sm" busy={retry.isPending} onClick={() => retry.mutate()}>
        Try again
      </Button>
    </section>
  );
}
