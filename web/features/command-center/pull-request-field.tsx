import { GitPullRequest } from "lucide-react";
import { useId } from "react";
import type { Choices } from "./choices.ts";
import type { Draft } from "./draft.ts";
import { isSame, readPullRequest } from "./pull-request.ts";

interface PullRequestFieldProps {
  readonly draft: Draft;
  readonly change: (fields: Partial<Omit<Draft, "key">>) => void;
  readonly choices: Choices;
  /** The server's error for it, or null. */
  readonly error: string | null;
  readonly onSubmit: () => void;
}

/** The pull request to review. A pasted address of another repository of the project chooses that repository. */
export function PullRequestField({ draft, change, choices, error, onSubmit }: PullRequestFieldProps) {
  const id = useId();
  const read = readPullRequest(draft.pullRequest, choices.repository);
  const problem = error ?? (draft.pullRequest.trim() === "" ? null : read.problem);
  const take = (text: string) => {
    const named = readPullRequest(text, choices.repository).repository;
    const meant = named === null ? undefined : choices.project?.repositories.find((each) => isSame(each, named));
    change({ pullRequest: text, ...(meant === undefined ? {} : { repositoryIds: [meant.id] }) });
  };
  return (
    <div className="border-b border-line px-4 py-2.5">
      <div className="flex items-center gap-2">
        <GitPullRequest className="size-4 shrink-0 text-muted" aria-hidden />
        <label htmlFor={id} className="shrink-0 text-xs text-soft">
          Pull request
        </label>
        <input
          id={id}
          value={draft.pullRequest}
          onChange={(event) => take(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            onSubmit();
          }}
          placeholder="12, or its address"
          spellCheck={false}
          autoComplete="off"
          maxLength={500}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : `${id}-problem`}
          className="min-w-0 flex-1 bg-transparent font-mono text-sm focus-visible:outline-none"
        />
        {read.number !== undefined && choices.repository !== null && (
          <span className="hidden shrink-0 text-xs text-muted sm:inline">
            {choices.repository.owner}/{choices.repository.name} #{read.number}
          </span>
        )}
      </div>
      {problem !== null && (
        <p id={`${id}-problem`} role="alert" className="mt-1 text-xs text-red">
          {problem}
        </p>
      )}
    </div>
  );
}
