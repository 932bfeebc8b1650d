import { FolderGit2 } from "lucide-react";
import { useId, useState } from "react";
import type { RunView } from "../../../../domain/run/view.ts";
import { chosenLanes } from "../../../../domain/run/lanes.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { choiceEffect } from "../model/choice.ts";
import { useChooseRepositories } from "./actions.ts";

/** A button that opens the choice among the repositories that the run was given. */
export function ChangeRepositories({ runId, view }: { runId: string; view: RunView }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Repositories of this run"
      description="Choose among those that the run was started with."
      trigger={
        <Button size="sm" look="ghost">
          <FolderGit2 className="size-3.5" aria-hidden />
          Change
        </Button>
      }
    >
      {open && <ChoiceForm runId={runId} view={view} onDone={() => setOpen(false)} />}
    </Dialog>
  );
}

function ChoiceForm({ runId, view, onDone }: { runId: string; view: RunView; onDone: () => void }) {
  const [picked, setPicked] = useState<readonly string[]>(() => chosenLanes(view).map(({ id }) => id));
  const [reason, setReason] = useState("");
  const choose = useChooseRepositories(runId);
  const reasonId = useId();
  const effect = choiceEffect(view, picked);
  const toggle = (id: string) => {
    choose.reset();
    setPicked((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id]));
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        choose.mutate({ repositoryIds: picked, reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <ul className="overflow-hidden rounded-lg border border-line">
        {view.lanes.map((lane) => (
          <li key={lane.id} className="border-b border-line last:border-b-0">
            <label className="flex min-h-10 cursor-pointer items-center gap-2.5 px-3 hover:bg-hover">
              <input
                type="checkbox"
                className="size-4 shrink-0 accent-(--lime)"
                checked={picked.includes(lane.id)}
                onChange={() => toggle(lane.id)}
              />
              <span className="min-w-0 flex-1 truncate" title={`${lane.owner}/${lane.name}`}>
                {lane.owner}/{lane.name}
              </span>
              <span className="shrink-0 text-xs text-muted">{lane.baseBranch}</span>
            </label>
          </li>
        ))}
      </ul>
      <label htmlFor={reasonId} className="-mb-2 text-xs font-medium text-soft">
        Why (shown in the transcript)
      </label>
      <input
        id={reasonId}
        value={reason}
        maxLength={1000}
        autoComplete="off"
        onChange={(event) => setReason(event.target.value)}
        className="h-8 rounded-lg border border-line-strong bg-bg px-2.5"
      />
      {choose.isError && <Failure error={choose.error} kept="The run works on the same repositories as before." />}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" busy={choose.isPending} disabled={effect === null || picked.length === 0}>
          Use these
        </Button>
        <p className="min-w-40 flex-1 text-xs text-muted">
          {picked.length === 0 ? "A run needs at least one repository." : effect}
        </p>
      </div>
    </form>
  );
}
