import { useMutation, useQueryClient } from "@tanstack/react-query";
import { GitBranchMinus, GitPullRequestClosed, LoaderCircle } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { api, bodyOf } from "../../../lib/api.ts";
import { useCan } from "../../../lib/me.ts";
import { runQuery } from "../../../lib/queries.ts";
import type { LaneView } from "../model/lanes.ts";

/**
 * For each pull request that the ended run left open, and each branch that it left without an open one: its end with a question before it, its
 * progress and its result.
 */
export function ClosePulls({ runId, lanes }: { runId: string; lanes: readonly LaneView[] }) {
  return lanes.map((lane) =>
    lane.pullRequest === null && lane.leftBranch === null && lane.closeResult === null ? null : (
      <Leftover key={lane.repositoryId} runId={runId} lane={lane} isAlone={lanes.length < 2} />
    ),
  );
}

interface LeftoverProps {
  readonly runId: string;
  readonly lane: LaneView;
  readonly isAlone: boolean;
}

function Leftover({ runId, lane, isAlone }: LeftoverProps) {
  const mayClose = useCan("pull_request.close");
  const [asking, setAsking] = useState(false);
  const takeBack = useTakeBack(runId, lane);
  const { closeResult, closing, deleting, leftBranch, pullRequest } = lane;
  const of = isAlone ? "" : ` of ${lane.name}`;
  const isOpen = pullRequest?.state === "open";
  const named =
    isOpen || closing !== null ? `pull request #${pullRequest?.number ?? "?"}${of}` : `branch ${leftBranch ?? ""}${of}`;
  const isUnderWay = closing !== null || deleting !== null;
  const send = (deletesBranch: boolean) => {
    setAsking(false);
    takeBack.mutate(deletesBranch);
  };
  return (
    <div className="flex w-full flex-wrap items-center gap-x-3 gap-y-1.5">
      {isUnderWay && (
        <p role="status" className="inline-flex min-w-0 items-center gap-1.5 break-all text-soft">
          <LoaderCircle className="size-3.5 shrink-0 animate-spin" aria-hidden />
          {closing === null
            ? `${deleting?.by.name ?? ""} is deleting ${named}`
            : `${closing.by.name} is closing ${named}`}
        </p>
      )}
      {!isUnderWay && closeResult !== null && (
        <p
          role={closeResult.outcome === "failed" ? "alert" : "status"}
          className="min-w-0 flex-1 break-words text-soft"
        >
          {closeResult.text}
        </p>
      )}
      {!isUnderWay && (isOpen || leftBranch !== null) && mayClose && (
        <Button size="sm" busy={takeBack.isPending} onClick={() => setAsking(true)}>
          {isOpen ? (
            <GitPullRequestClosed className="size-3.5" aria-hidden />
          ) : (
            <GitBranchMinus className="size-3.5" aria-hidden />
          )}
          {isOpen ? `Close ${named}` : `Delete the branch${of}`}
        </Button>
      )}
      {takeBack.isError && (
        <Failure
          error={takeBack.error}
          kept={isOpen ? "The pull request and its branch are as they were." : "The branch is as it was."}
          className="w-full"
          onRetry={() => takeBack.mutate(takeBack.variables)}
        />
      )}
      {isOpen ? (
        <AskToClose open={asking} onOpenChange={setAsking} named={named} branch={pullRequest.branch} onSend={send} />
      ) : (
        <AskToDelete open={asking} onOpenChange={setAsking} named={named} onSend={send} />
      )}
    </div>
  );
}

interface AskProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly named: string;
  /** The argument says whether the branch goes too. */
  readonly onSend: (deletesBranch: boolean) => void;
}

function AskToClose({ branch, named, onOpenChange, onSend, open }: AskProps & { readonly branch: string }) {
  const [deletesBranch, setDeletesBranch] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Close ${named}?`}
      description={`It is closed on GitHub without a merge, unless somebody pushed to its branch ${branch} since. The run and its patch set stay here to read.`}
      className={dialogClass}
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
      <Answers keep="Leave it open" onKeep={() => onOpenChange(false)} onSend={() => onSend(deletesBranch)}>
        {deletesBranch ? "Close and delete" : "Close it"}
      </Answers>
    </Dialog>
  );
}

function AskToDelete({ named, onOpenChange, onSend, open }: AskProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Delete the branch?"
      description={`GitHub deletes ${named}, unless somebody pushed to it or opened a pull request from it since. The run and its patch set stay here to read.`}
      className={dialogClass}
    >
      <Answers keep="Leave it" onKeep={() => onOpenChange(false)} onSend={() => onSend(true)}>
        Delete it
      </Answers>
    </Dialog>
  );
}

const dialogClass = "w-[min(29rem,calc(100vw-1.5rem))]";

interface AnswersProps {
  readonly keep: string;
  readonly onKeep: () => void;
  readonly onSend: () => void;
  readonly children: ReactNode;
}

function Answers({ children, keep, onKeep, onSend }: AnswersProps) {
  return (
    <div className="mt-4 flex justify-end gap-2">
      <Button look="ghost" onClick={onKeep}>
        {keep}
      </Button>
      <Button look="danger" autoFocus onClick={onSend}>
        {children}
      </Button>
    </div>
  );
}

/**
 * Asks for the close of the lane's pull request, or for the deletion of its branch where the run opened none. The argument says whether a pull
 * request's branch goes too. The run's events tell how it ends.
 */
function useTakeBack(runId: string, { pullRequest, repositoryId }: LaneView) {
  const queryClient = useQueryClient();
  const params = { path: { id: runId, repositoryId } };
  return useMutation({
    mutationFn: (deletesBranch: boolean) =>
      pullRequest === null
        ? bodyOf(api.DELETE("/api/runs/{id}/branches/{repositoryId}", { params }))
        : bodyOf(api.POST("/api/runs/{id}/pull-requests/{repositoryId}/close", { params, body: { deletesBranch } })),
    onSuccess: (run) => {
      queryClient.setQueryData(runQuery(runId).queryKey, run);
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
  });
}
