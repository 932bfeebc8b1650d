import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowUp, Bug, ListChecks, SquarePen, X } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import type { StartRun } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { Kbd, Tag } from "../../components/ui/badges.tsx";
import { DropZone, filesOf } from "../../components/file-drop.tsx";
import { Button, buttonClass } from "../../components/ui/button.tsx";
import { cx } from "../../components/ui/cx.ts";
import { Failure } from "../../components/ui/notices.tsx";
import { api, ApiError, bodyOf } from "../../lib/api.ts";
import { modKey } from "../../lib/hotkeys.ts";
import { useRefusal } from "../../lib/me.ts";
import { modelsQuery, projectsQuery, runQuery } from "../../lib/queries.ts";
import { promptLimit, type StartableMode } from "../../lib/vocabulary.ts";
import { Chips } from "./chips.tsx";
import { AttachButton, AttachmentList } from "./attachments.tsx";
import { useAttachments } from "./use-attachments.ts";
import { useDraft, type Draft } from "./draft.ts";
import { resolveChoices } from "./choices.ts";
import { readPullRequest, reviewPrompt } from "./pull-request.ts";
import { placeholders, productNames } from "./mode-words.ts";
import { PullRequestField } from "./pull-request-field.tsx";
import { startRequest } from "./start-request.ts";

interface PromptProps {
  readonly name: string;
  readonly ticket: Ticket | null;
  /** The id of the project that the work is of, when it is about something that there is; else null. */
  readonly workOf: string | null;
  readonly initial: () => Draft;
  readonly wantedMode: StartableMode | null;
}

const fieldsShown = [
  "prompt",
  "mode",
  "model",
  "effort",
  "projectId",
  "repositoryId",
  "repositoryIds",
  "chooseRepositories",
  "baseBranch",
  "pullRequestNumber",
  "limits",
  "constraints",
  "images",
];

/** The prompt with its chips. Sending it makes a run and goes to it; an error leaves every word where it was. */
export function Prompt({ name, ticket, workOf, initial, wantedMode }: PromptProps) {
  const { draft, change, discard } = useDraft(name, initial);
  const attachments = useAttachments(draft, change);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const models = useQuery(modelsQuery);
  const projects = useQuery(projectsQuery);
  const field = useRef<HTMLTextAreaElement>(null);
  const errorId = useId();

  useEffect(() => {
    if (wantedMode !== null && wantedMode !== draft.mode) change({ mode: wantedMode });
    field.current?.focus();
    // Only when the page opens: later the chip decides.
  }, []);

  const choices = resolveChoices(draft, projects.data ?? [], models.data ?? [], workOf);
  const start = useMutation({
    mutationFn: (body: StartRun) => bodyOf(api.POST("/api/runs", { body })),
    onSuccess: (run) => {
      discard(draft);
      queryClient.setQueryData(runQuery(run.id).queryKey, run);
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
      void navigate({ to: "/runs/$runId", params: { runId: run.id } });
    },
  });

  const left = promptLimit - draft.prompt.length;
  const { request } = modes[draft.mode];
  const pull = request.pullRequest ? readPullRequest(draft.pullRequest, choices.repository) : null;
  const prompt = draft.prompt.trim() === "" && pull?.number !== undefined ? reviewPrompt(pull.number) : draft.prompt;
  const refusal =
    useRefusal(modes[draft.mode].permissions.start) ??
    choices.refusal ??
    pull?.problem ??
    (prompt.trim() === "" ? "Say what should be done." : left < 0 ? "The prompt is too long." : attachments.refusal);
  const pending = models.isPending || projects.isPending;

  const submit = () => {
    const body = startRequest({
      draft,
      choices,
      ticketId: ticket?.id,
      pullRequestNumber: pull?.number,
      prompt,
    });
    if (refusal === null && !pending && !start.isPending && !start.isSuccess && body !== null) start.mutate(body);
    else field.current?.focus();
  };

  const failure = start.error instanceof ApiError ? start.error : null;
  const fieldErrors =
    failure === null ? [] : failure.issues.filter((issue) => fieldsShown.includes(issue.path.split(".")[0] ?? ""));
  const promptError =
    failure?.issueAt("prompt") ??
    (left < 0
      ? `The prompt may have at most ${promptLimit.toLocaleString("en")} characters: ${(-left).toLocaleString("en")} too many.`
      : null);
  const failedQuery = models.isError ? models : projects.isError ? projects : null;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {ticket !== null && (
        <div className="mb-2 flex items-center gap-2">
          <Tag tone="lime" className="max-w-[80%]">
            {ticket.key} {ticket.title}
          </Tag>
          <Link to="/" className={buttonClass("ghost", "sm")} aria-label="Start without this ticket">
            <X className="size-3.5" aria-hidden />
            Without this ticket
          </Link>
        </div>
      )}
      <DropZone
        onFiles={attachments.add}
        hint="Drop images to attach them"
        className={cx(
          "rounded-2xl border bg-card shadow-[0_1px_2px_rgb(0_0_0/0.04)] transition-colors focus-within:border-lime-line",
          promptError === null ? "border-line-strong" : "border-red-line",
        )}
      >
        {request.pullRequest && (
          <PullRequestField
            draft={draft}
            change={(fields) => (start.reset(), change(fields))}
            choices={choices}
            error={failure?.issueAt("pullRequestNumber") ?? null}
            onSubmit={submit}
          />
        )}
        <label htmlFor="prompt" className="sr-only">
          What should be done
        </label>
        <textarea
          id="prompt"
          ref={field}
          value={draft.prompt}
          onChange={(event) => change({ prompt: event.target.value })}
          onPaste={(event) => {
            const files = filesOf(event.clipboardData);
            if (files.length === 0) return;
            event.preventDefault();
            attachments.add(files);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
              event.preventDefault();
              submit();
            }
          }}
          placeholder={placeholders[draft.mode]}
          aria-invalid={promptError !== null}
          aria-describedby={promptError === null ? undefined : errorId}
          className="block field-sizing-content max-h-[50vh] min-h-32 w-full resize-none bg-transparent px-4 pt-3.5 pb-2 text-[0.9375rem] leading-6 focus-visible:outline-none"
        />
        {promptError !== null && (
          <p id={errorId} role="alert" className="px-4 pb-1 text-red">
            {promptError}
          </p>
        )}
        <AttachmentList attachments={attachments} error={failure?.issueAt("images") ?? null} />
        <div className="flex items-end gap-2 px-2.5 pt-1 pb-2.5">
          <Chips
            draft={draft}
            change={change}
            choices={choices}
            pending={pending}
            errorAt={(path) => failure?.issueAt(path) ?? null}
          />
          <div className="ml-auto flex shrink-0 items-center gap-2.5">
            {left < promptLimit * 0.1 && (
              <span className={cx("tabular text-xs", left < 0 ? "text-red" : "text-muted")} aria-live="polite">
                {left.toLocaleString("en")} left
              </span>
            )}
            <AttachButton onFiles={attachments.add} refusal={attachments.addRefusal} />
            <Button
              type="submit"
              look="primary"
              size="icon"
              busy={start.isPending || start.isSuccess}
              disabled={refusal !== null || pending}
              title={refusal ?? `Run agent (${modKey} Enter)`}
              aria-label="Run agent"
            >
              {!start.isPending && !start.isSuccess && <ArrowUp className="size-4.5" aria-hidden />}
            </Button>
          </div>
        </div>
      </DropZone>
      <p className="mt-2 flex min-h-5 flex-wrap items-center gap-x-1.5 px-1 text-xs text-muted">
        {refusal !== null && (draft.prompt.trim() !== "" || draft.pullRequest.trim() !== "") ? (
          <span className="text-amber">{refusal}</span>
        ) : (
          <>
            <span className="hidden items-center gap-1.5 sm:flex">
              <Kbd>{modKey}</Kbd>
              <Kbd>Enter</Kbd> starts the run.
            </span>
            Nothing reaches GitHub until you approve {productNames[modes[draft.mode].product]}.
          </>
        )}
      </p>
      {failure !== null && (fieldErrors.length === 0 || fieldErrors.some((issue) => issue.path !== "prompt")) && (
        <Failure
          error={failure}
          kept="Your draft is kept."
          className="mt-3"
          {...(fieldErrors.length === 0 ? { onRetry: submit } : {})}
        />
      )}
      {failedQuery !== null && (
        <Failure
          error={failedQuery.error}
          kept="Your draft is kept."
          onRetry={() => void failedQuery.refetch()}
          className="mt-3"
        />
      )}
      {draft.prompt === "" && ticket === null && (
        <Starters onPick={(fields) => (change(fields), field.current?.focus())} />
      )}
    </form>
  );
}

function Starters({ onPick }: { onPick: (fields: Partial<Draft>) => void }) {
  const card =
    "flex items-start gap-2.5 rounded-xl border border-line bg-card px-3 py-2.5 text-left hover:border-line-strong hover:bg-hover";
  const icon = "mt-0.5 size-4 shrink-0 text-muted";
  return (
    <div className="mt-3 grid gap-2 sm:grid-cols-3">
      <button
        type="button"
        className={card}
        onClick={() => onPick({ mode: "implement", prompt: "Add …\n\nDone when:\n- \n\nOut of scope:\n- " })}
      >
        <SquarePen className={icon} aria-hidden />
        <span>
          <span className="block font-medium">Start a task</span>
          <span className="block text-xs text-muted">An outline to fill in</span>
        </span>
      </button>
      <button
        type="button"
        className={card}
        onClick={() =>
          onPick({ mode: "bugfix", prompt: "A test fails. Find the cause and fix it; leave the test as it is." })
        }
      >
        <Bug className={icon} aria-hidden />
        <span>
          <span className="block font-medium">Find and fix a bug</span>
          <span className="block text-xs text-muted">From a failing test</span>
        </span>
      </button>
      <Link to="/board" className={card}>
        <ListChecks className={icon} aria-hidden />
        <span>
          <span className="block font-medium">Work on a ticket</span>
          <span className="block text-xs text-muted">Pick one on the board</span>
        </span>
      </Link>
    </div>
  );
}
