import { useMutation, useQueryClient } from "@tanstack/react-query";
import { GitPullRequestClosed, LoaderCircle } from "lucide-react";
import { useState } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { api, bodyOf } from "../../../lib/api.ts";
import { useCan } from "../../../lib/me.ts";
import { runQuery } from "../../../lib/queries.ts";
import type { LaneView } from "../model/lanes.ts";

/** For each pull request that the ended run left open: its close with a question before it, its progress and its end. */
export function ClosePulls({ runId, lanes }: { runId: string; lanes: readonly LaneView[] }) {
  return lanes.map((lane) => (
    <ClosePull key={lane.repositoryId} runId={runId} lane={lane} isAlone={lanes.length < 2} />
  ));
}

interface ClosePullProps {
  readonly runId: string;
  readonly lane: LaneView;
  readonly isAlone: boolean;
}

function ClosePull({ runId, lane, isAlone }: ClosePullProps) {
  const mayClose = useCan("pull_request.close");
  const [asking, setAsking] = useState(false);
  const [deletesBranch, setDeletesBranch] = useState(false);
  const close = useClosePull(runId, lane.repositoryId);
  const { closeResult, closing, pullRequest } = lane;
  if (pullRequest === null) return null;
  const named = `pull request #${pullRequest.number}${isAlone ? "" : ` of ${lane.name}`}`;
  const isOpen = pullRequest.state === "open";
  const ask = () => {
    setAsking(false);
    close.mutate(deletesBranch);
  };
  return (
    <div className="flex w-full flex-wrap items-center gap-x-3 gap-y-1.5">
      {closing !== null && (
        <p role="status" className="inline-flex items-center gap-1.5 text-soft">
          <LoaderCircle className="size-3.5 animate-spin" aria-hidden />
          {closing.by.name} is closing {named}
        </p>
      )}
      {closing === null && closeResult !== null && (
        <p
          role={closeResult.outcome === "failed" ? "alert" : "status"}
          className="min-w-0 flex-1 break-words text-soft"
        >
          {closeResult.text}
        </p>
      )}
      {closing === null && isOpen && mayClose && (
        <Button size="sm" busy={close.isPending} onClick={() => setAsking(true)}>
          <GitPullRequestClosed className="size-3.5" aria-hidden />
          Close {named}
        </Button>
      )}
      {close.isError && (
        <Failure
          error={close.error}
          kept="The pull request and its branch are as they were."
          className="w-full"
          onRetry={() => close.mutate(deletesBranch)}
        />
      )}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`Close ${named}?`}
        description={`It is closed on GitHub without a merge, unless somebody pushed to its branch ${pullRequest.branch} since. The run and its patch set stay here to read.`}
        className="w-[min(29rem,calc(100vw-1.5rem))]"
      >
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={deletesBranch}
            onChange={(event) => setDeletesBranch(event.currentTarget.checked)}
            className="size-4 accent-lime"
          />
          Delete its branch too
        </label>
        <div className="mt-4 flex justify-end gap-2">
          <Button look="ghost" onClick={() => setAsking(false)}>
            Leave it open
          </Button>
          <Button look="danger" autoFocus onClick={ask}>
            {deletesBranch ? "Close and delete" : "Close it"}
          </Button>
        </div>
      </Dialog>
    </div>
  );
}

/** Asks for the close; the argument says whether the branch goes too. The run's events tell how it ends. */
function useClosePull(runId: string, repositoryId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (deletesBranch: boolean) =>
      bodyOf(
        api.POST("/api/runs/{id}/pull-requests/{repositoryId}/close", {
          params: { path: { id: runId, repositoryId } },
          body: { deletesBranch },
        }),
      ),
    onSuccess: (run) => {
      queryClient.setQueryData(runQuery(runId).queryKey, run);
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
  });
}
