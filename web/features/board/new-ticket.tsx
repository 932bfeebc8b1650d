import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState, type ReactNode } from "react";
import type { BoardLayout } from "../../../contracts/board.ts";
import type { Person } from "../../../contracts/common.ts";
import type { Project, Ticket } from "../../../contracts/project.ts";
import { HiddenRepositories } from "../../components/visibility.tsx";
import { Button } from "../../components/ui/button.tsx";
import { cx } from "../../components/ui/cx.ts";
import { Dialog } from "../../components/ui/dialog.tsx";
import { Failure } from "../../components/ui/notices.tsx";
import { api, ApiError, bodyOf } from "../../lib/api.ts";
import { modKey } from "../../lib/hotkeys.ts";
import { usePeople } from "../../lib/people.ts";
import { ticketQuery } from "../../lib/queries.ts";
import { priorityLabels, typeLabels } from "../../components/ticket-icons.tsx";
import { columnOptions, PersonSelect, Select } from "./select.tsx";
import { NewDescription } from "./template.tsx";
import { columnForNew } from "./views/columns-info.ts";

interface NewTicket {
  readonly type: Ticket["type"];
  readonly title: string;
  readonly description: string;
  readonly acceptanceCriteria: string;
  readonly priority: Ticket["priority"];
  readonly labels: string;
  readonly repositoryId: string;
  readonly assignee: Person | null;
}

const noOthers: readonly Person[] = [];

const blank: NewTicket = {
  type: "task",
  title: "",
  description: "",
  acceptanceCriteria: "",
  priority: "none",
  labels: "",
  repositoryId: "",
  assignee: null,
};

interface NewTicketDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly project: Project;
  /** The board that is shown: the ticket goes into one of its columns. */
  readonly board: BoardLayout | undefined;
  /** The ticket that the new one becomes a child of. */
  readonly parent: Ticket | undefined;
  readonly onCreated: (ticket: Ticket) => void;
}

/** A form for a new ticket on the shown board. Closing it keeps what was typed until the ticket is made, but not the column. */
export function NewTicketDialog({ open, onOpenChange, project, board, parent, onCreated }: NewTicketDialogProps) {
  const [ticket, setTicket] = useState<NewTicket>({ ...blank, repositoryId: project.repositories[0]?.id ?? "" });
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    if (!open) setChosen(null);
  }, [open]);
  const column = columnForNew(board, chosen);
  const queryClient = useQueryClient();
  const people = usePeople(noOthers);
  const create = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/projects/{id}/tickets", {
          params: { path: { id: project.id } },
          body: {
            type: ticket.type,
            title: ticket.title.trim(),
            description: ticket.description,
            acceptanceCriteria: ticket.acceptanceCriteria,
            priority: ticket.priority,
            labels: ticket.labels
              .split(",")
              .map((label) => label.trim())
              .filter((label) => label !== ""),
            ...(column === undefined ? {} : { column: column.id }),
            ...(ticket.repositoryId === "" ? {} : { repositoryId: ticket.repositoryId }),
            ...(ticket.assignee === null ? {} : { assigneeId: ticket.assignee.id }),
            ...(parent === undefined ? {} : { parentId: parent.id }),
          },
        }),
      ),
    onSuccess: (made) => {
      queryClient.setQueryData(ticketQuery(made.id).queryKey, made);
      setTicket({ ...blank, repositoryId: ticket.repositoryId });
      onCreated(made);
    },
  });
  const failure = create.error instanceof ApiError ? create.error : null;
  const set = (fields: Partial<NewTicket>) => setTicket((before) => ({ ...before, ...fields }));
  const submit = () => {
    if (ticket.title.trim() !== "" && !create.isPending) create.mutate();
  };
  const input = "w-full rounded-lg border border-line-strong bg-bg px-3 py-1.5";
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={parent === undefined ? "New ticket" : "New child ticket"}
      description={descriptionOf(project, column?.name, parent)}
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
            event.preventDefault();
            submit();
          }
        }}
      >
        <Field label="Title" error={failure?.issueAt("title") ?? null}>
          {(id) => (
            <input
              id={id}
              className={cx(input, "h-9 text-base")}
              autoFocus
              required
              maxLength={200}
              value={ticket.title}
              onChange={(event) => set({ title: event.target.value })}
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {board !== undefined && column !== undefined && (
            <Field label="Column" error={failure?.issueAt("column") ?? null}>
              {(id) => <Select id={id} value={column.id} options={columnOptions([board])} onChange={setChosen} />}
            </Field>
          )}
          <Field label="Type" error={failure?.issueAt("type") ?? null}>
            {(id) => <Select id={id} value={ticket.type} options={typeLabels} onChange={(type) => set({ type })} />}
          </Field>
          <Field label="Priority" error={failure?.issueAt("priority") ?? null}>
            {(id) => (
              <Select
                id={id}
                value={ticket.priority}
                options={priorityLabels}
                onChange={(priority) => set({ priority })}
              />
            )}
          </Field>
          <Field label="Repository" error={failure?.issueAt("repositoryId") ?? null}>
            {(id) => (
              <select
                id={id}
                className={cx(input, "h-9")}
                value={ticket.repositoryId}
                onChange={(event) => set({ repositoryId: event.target.value })}
              >
                <option value="">None</option>
                {project.repositories.map((repository) => (
                  <option key={repository.id} value={repository.id}>
                    {repository.owner}/{repository.name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="Assignee" error={failure?.issueAt("assigneeId") ?? null}>
            {(id) => (
              <PersonSelect
                id={id}
                value={ticket.assignee}
                people={people}
                none="Not assigned"
                onChange={(assignee) => set({ assignee })}
              />
            )}
          </Field>
        </div>
        <HiddenRepositories count={project.hiddenRepositoryCount} />
        <Field label="Description" hint="Markdown" error={failure?.issueAt("description") ?? null}>
          {(id) => (
            <NewDescription
              id={id}
              className={input}
              text={ticket.description}
              onChange={(description) => set({ description })}
            />
          )}
        </Field>
        <Field
          label="Acceptance criteria"
          hint="How to tell that it is done"
          error={failure?.issueAt("acceptanceCriteria") ?? null}
        >
          {(id) => (
            <textarea
              id={id}
              rows={3}
              className={input}
              value={ticket.acceptanceCriteria}
              onChange={(event) => set({ acceptanceCriteria: event.target.value })}
            />
          )}
        </Field>
        <Field label="Labels" hint="Separated by commas" error={failure?.issueAt("labels") ?? null}>
          {(id) => (
            <input
              id={id}
              className={cx(input, "h-9")}
              value={ticket.labels}
              onChange={(event) => set({ labels: event.target.value })}
            />
          )}
        </Field>
        {failure !== null && failure.issues.length === 0 && <Failure error={failure} kept="What you typed is kept." />}
        <div className="flex justify-end gap-2 pt-1">
          <Button look="ghost" onClick={() => onOpenChange(false)}>
            Cancel
          </Button>
          <Button
            type="submit"
            look="primary"
            busy={create.isPending}
            disabled={ticket.title.trim() === ""}
            title={`Create ticket (${modKey} Enter)`}
          >
            Create ticket
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint?: string;
  error: string | null;
  children: (id: string) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="flex items-baseline gap-2 text-xs font-medium text-soft">
        {label}
        {hint !== undefined && <span className="font-normal text-muted">{hint}</span>}
      </label>
      {children(id)}
      {error !== null && (
        <p role="alert" className="text-xs text-red">
          {error}
        </p>
      )}
    </div>
  );
}

function descriptionOf(project: Project, column: string | undefined, parent: Ticket | undefined): string {
  const place = column === undefined ? `In ${project.name}` : `In ${column} of ${project.name}`;
  return parent === undefined ? `${place}.` : `${place}, a child of ${parent.key} ${parent.title}.`;
}
