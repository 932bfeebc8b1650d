import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, ChevronRight, CircleAlert } from "lucide-react";
import { useEffect, useId, useState } from "react";
import type { Instruction } from "../../../contracts/instruction.ts";
import { Tag } from "../../components/ui/badges.tsx";
import { Button } from "../../components/ui/button.tsx";
import { cx } from "../../components/ui/cx.ts";
import { Failure } from "../../components/ui/notices.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../components/ui/time.tsx";
import { api, ApiError, bodyOf } from "../../lib/api.ts";
import { modKey } from "../../lib/hotkeys.ts";
import { useProjectRefusal } from "../../lib/me.ts";
import { instructionOf, instructionQuery } from "../../lib/queries.ts";

const mostCharacters = 30_000;

interface InstructionCardProps {
  readonly scope: Instruction["scope"];
  /** Null for the tenant. */
  readonly scopeId: string | null;
  readonly name: string;
  readonly onDirty: (name: string, dirty: boolean) => void;
  readonly startsOpen?: boolean;
  /** When its project was archived; null for an open one, and for everything that is no project. */
  readonly archivedAtMs?: number | null;
}

/** The instructions of one scope to its agents, folded to a line; it opens to read it and, with the permission, to change it. */
export function InstructionCard({
  scope,
  scopeId,
  name,
  onDirty,
  startsOpen = false,
  archivedAtMs = null,
}: InstructionCardProps) {
  const permission = scope === "tenant" ? "instruction.update_tenant" : "instruction.update_project";
  const refusal = useProjectRefusal({ archivedAtMs }, permission);
  const query = useQuery(instructionQuery(scope, scopeId));
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(startsOpen);
  // Null while nothing was typed: the field then follows the server.
  const [draft, setDraft] = useState<string | null>(null);
  const fieldId = useId();
  const save = useMutation({
    mutationFn: (text: string) =>
      bodyOf(api.PUT("/api/instructions", { params: instructionOf(scope, scopeId), body: { text } })),
    onSuccess: (saved, sent) => {
      queryClient.setQueryData(instructionQuery(scope, scopeId).queryKey, saved);
      setDraft((now) => (now === sent ? null : now));
    },
  });
  const stored = query.data?.text;
  const text = draft ?? stored ?? "";
  const dirty = draft !== null && stored !== undefined && draft !== stored;
  const over = text.length - mostCharacters;
  useEffect(() => {
    onDirty(name, dirty);
    return () => onDirty(name, false);
  }, [onDirty, name, dirty]);
  const submit = () => {
    if (dirty && over <= 0 && refusal === null && !save.isPending) save.mutate(text);
  };
  const refused = save.error instanceof ApiError ? save.error.issueAt("text") : null;
  return (
    <section className="rounded-xl border border-line bg-card">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-11 w-full items-center gap-2.5 rounded-xl px-3 text-left -outline-offset-2 hover:bg-hover"
      >
        <ChevronRight
          className={cx("size-3.5 shrink-0 text-muted transition-transform", open && "rotate-90")}
          aria-hidden
        />
        <span className="shrink-0 font-medium">{name}</span>
        <span className="min-w-0 flex-1 truncate text-xs text-muted">
          {!open && (stored === undefined ? "" : stored === "" ? "Says nothing" : stored)}
        </span>
        {archivedAtMs !== null && <Tag>archived</Tag>}
        {dirty && <Tag tone="amber">not saved</Tag>}
      </button>
      {open && (
        <form
          className="flex flex-col gap-2 px-3 pb-3"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          {query.isPending && <Skeleton className="h-32 w-full rounded-lg" />}
          {query.isError && stored === undefined && (
            <Failure error={query.error} onRetry={() => void query.refetch()} />
          )}
          {stored !== undefined && (
            <>
              <label htmlFor={fieldId} className="sr-only">
                Instructions of {name}
              </label>
              <textarea
                id={fieldId}
                value={text}
                rows={6}
                readOnly={refusal !== null}
                spellCheck={false}
                aria-invalid={over > 0}
                aria-describedby={`${fieldId}-count`}
                placeholder={refusal === null ? placeholders[scope] : "Nothing is said here."}
                onChange={(event) => {
                  setDraft(event.target.value);
                  if (!save.isPending) save.reset();
                }}
                onKeyDown={(event) => {
                  const saves = event.key === "Enter" || event.key.toLowerCase() === "s";
                  if (!saves || !(event.metaKey || event.ctrlKey)) return;
                  event.preventDefault();
                  submit();
                }}
                className={cx(
                  "field-sizing-content max-h-[55vh] min-h-32 w-full resize-y rounded-lg border bg-bg px-3 py-2 font-mono text-xs leading-5",
                  over > 0 ? "border-red-line" : "border-line-strong",
                  refusal !== null && "text-soft",
                )}
              />
              <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
                <span
                  id={`${fieldId}-count`}
                  className={cx("tabular text-xs", over > 0 ? "text-red" : "text-muted")}
                  role={over > 0 ? "alert" : undefined}
                >
                  {over > 0
                    ? `${over.toLocaleString("en")} of ${mostCharacters.toLocaleString("en")} characters too many`
                    : `${text.length.toLocaleString("en")} of ${mostCharacters.toLocaleString("en")} characters`}
                </span>
                {query.data?.updatedAtMs !== null && query.data !== undefined && !dirty && !save.isSuccess && (
                  <span className="text-xs text-muted">
                    changed <TimeAgo atMs={query.data.updatedAtMs} />
                  </span>
                )}
                <span role="status" className="flex items-center gap-1 text-xs text-green empty:hidden">
                  {save.isSuccess && !dirty && (
                    <>
                      <Check className="size-3.5" aria-hidden />
                      Saved. Stages that start from now on read it.
                    </>
                  )}
                </span>
                {refusal === null && (
                  <span className="ml-auto flex gap-2">
                    {dirty && (
                      <Button look="ghost" disabled={save.isPending} onClick={() => setDraft(null)}>
                        Discard
                      </Button>
                    )}
                    <Button
                      type="submit"
                      look="primary"
                      busy={save.isPending}
                      disabled={!dirty || over > 0}
                      title={`Save (${modKey} S)`}
                    >
                      Save
                    </Button>
                  </span>
                )}
              </div>
              {refusal !== null && (
                <p className="flex items-start gap-2 text-muted">
                  <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
                  {refusal}
                </p>
              )}
              {refused !== null && (
                <p role="alert" className="text-xs text-red">
                  {refused}
                </p>
              )}
              {save.isError && refused === null && <Failure error={save.error} kept="What you typed is kept." />}
            </>
          )}
        </form>
      )}
    </section>
  );
}

const placeholders: Record<Instruction["scope"], string> = {
  tenant: "What holds for all work here: language, style, what never to touch…",
  project: "What this project is for, its conventions, who uses it…",
  repository: "How to build and test it, where things are, traps…",
};
