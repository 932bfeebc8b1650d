import { FolderGit2 } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import type { Ticket } from "../../../../contracts/project.ts";
import { Avatar, Tag } from "../../../components/ui/badges.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { usePeople } from "../../../lib/people.ts";
import { toast } from "../../../lib/toast.ts";
import { PriorityIcon, priorityLabels, typeLabels } from "../../../components/ticket-icons.tsx";
import type { EditedFields } from "../model/own-writes.ts";
import { useBoardParts } from "../parts.ts";
import { useMayOnBoard } from "../refusal.ts";
import { useBoard } from "../store.ts";
import { columnOptions, PersonSelect, Select } from "../select.tsx";
import { whyNotSaved } from "../writes.ts";
import { DraftProblem, fieldKeys, useTextField } from "./text-field.tsx";

/** A ticket's short fields. Each choice is saved at once. */
export function TicketFacts({ ticket }: { ticket: Ticket }) {
  const mayEdit = useMayOnBoard("ticket.edit");
  const mayMove = useMayOnBoard("ticket.move");
  const { store } = useBoardParts();
  return (
    <dl className="mt-4 grid grid-cols-[6.5rem_1fr] items-center gap-y-1.5">
      <Fact name="Column">{mayMove ? <ColumnSelect ticket={ticket} /> : store.nameOf(ticket.column)}</Fact>
      {mayEdit ? <EditedFacts ticket={ticket} /> : <ShownFacts ticket={ticket} />}
      <Fact name="Updated">
        <TimeAgo atMs={ticket.updatedAtMs} />
      </Fact>
    </dl>
  );
}

function ColumnSelect({ ticket }: { ticket: Ticket }) {
  const { store, writes } = useBoardParts();
  const boards = useBoard(store, (shown) => shown.boards);
  const move = (column: string) => void writes.move([ticket.id], { column, before: null });
  return <Select label="Column" value={ticket.column} options={columnOptions(boards)} onChange={move} look="quiet" />;
}

function EditedFacts({ ticket }: { ticket: Ticket }) {
  const { store, writes } = useBoardParts();
  const project = useBoard(store, ({ model }) => model.project);
  const edit = async (fields: EditedFields) => {
    const outcome = await writes.edit(ticket, fields);
    if (outcome.kind === "saved") return;
    toast({ id: `edit-${ticket.id}`, title: `${ticket.key} was not changed`, detail: whyNotSaved(outcome) });
  };
  const repositories = new Map(
    [...project.repositories, ...(ticket.repository === null ? [] : [ticket.repository])].map(({ id, name, owner }) => [
      id,
      { id, owner, name },
    ]),
  );
  const assigned = useMemo(() => (ticket.assignee === null ? [] : [ticket.assignee]), [ticket.assignee]);
  const people = usePeople(assigned);
  return (
    <>
      <Fact name="Type">
        <Select
          label="Type"
          value={ticket.type}
          options={typeLabels}
          onChange={(type) => void edit({ type })}
          look="quiet"
        />
      </Fact>
      <Fact name="Priority">
        <Select
          label="Priority"
          value={ticket.priority}
          options={priorityLabels}
          onChange={(priority) => void edit({ priority })}
          look="quiet"
        />
      </Fact>
      <Fact name="Repository">
        <Select
          label="Repository"
          value={ticket.repository?.id ?? ""}
          options={{
            "": "None",
            ...Object.fromEntries([...repositories.values()].map(({ id, name, owner }) => [id, `${owner}/${name}`])),
          }}
          onChange={(id) => void edit({ repository: repositories.get(id) ?? null })}
          look="quiet"
        />
      </Fact>
      <Fact name="Assignee">
        <PersonSelect
          label="Assignee"
          value={ticket.assignee}
          people={people}
          none="Not assigned"
          onChange={(assignee) => void edit({ assignee })}
          look="quiet"
        />
      </Fact>
      <Fact name="Labels">
        <LabelsField ticket={ticket} />
      </Fact>
    </>
  );
}

function LabelsField({ ticket }: { ticket: Ticket }) {
  const { drop, draft, save, text, type } = useTextField({ ticket, field: "labels" });
  return (
    <span className="-ml-2 min-w-0 flex-1">
      <input
        aria-label="Labels, separated by commas"
        placeholder="None"
        {...(draft === null ? {} : { "data-keeps-escape": true })}
        value={text}
        onChange={(event) => type(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === "Enter") save();
          fieldKeys(event, { save, undo: draft === null ? null : drop });
        }}
        className="h-8 w-full rounded-lg border border-transparent bg-transparent px-2 hover:border-line focus:border-line-strong focus:bg-bg"
      />
      <DraftProblem ticket={ticket} field="labels" />
    </span>
  );
}

function ShownFacts({ ticket }: { ticket: Ticket }) {
  const none = (words: string) => <span className="text-muted">{words}</span>;
  return (
    <>
      <Fact name="Type">{typeLabels[ticket.type]}</Fact>
      <Fact name="Priority">
        <PriorityIcon priority={ticket.priority} /> {priorityLabels[ticket.priority]}
      </Fact>
      <Fact name="Repository">
        {ticket.repository === null ? (
          none("None")
        ) : (
          <>
            <FolderGit2 className="size-3.5 text-muted" aria-hidden /> {ticket.repository.owner}/
            {ticket.repository.name}
          </>
        )}
      </Fact>
      <Fact name="Assignee">
        {ticket.assignee === null ? (
          none("Not assigned")
        ) : (
          <>
            <Avatar person={ticket.assignee} /> {ticket.assignee.name}
          </>
        )}
      </Fact>
      <Fact name="Labels">
        {ticket.labels.length === 0 ? none("None") : ticket.labels.map((label) => <Tag key={label}>{label}</Tag>)}
      </Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="flex min-h-8 min-w-0 flex-wrap items-center gap-1.5">{children}</dd>
    </>
  );
}
