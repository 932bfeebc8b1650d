import { Pencil } from "lucide-react";
import { useEffect, useId, useState, type KeyboardEvent, type ReactNode } from "react";
import type { Ticket } from "../../../../contracts/project.ts";
import { Markdown } from "../../../components/markdown.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { modKey } from "../../../lib/hotkeys.ts";
import { useBoardParts } from "../parts.ts";
import { TemplateButton, undoTemplate, useTemplateCursor } from "../template.tsx";
import { fieldNames, textOf, useDraft, type TextField } from "./drafts.ts";
import { ChecklistCount, ChecklistText } from "./links/checklist.tsx";

interface FieldProps {
  readonly ticket: Ticket;
  readonly field: TextField;
}

/** A field's text and draft, and how it is typed and saved: at blur, by Ctrl or Cmd and Enter, and when the drawer closes. */
export function useTextField({ field, ticket }: FieldProps) {
  const { drafts } = useBoardParts();
  const { id } = ticket;
  const draft = useDraft(drafts, id, field);
  // A drawer that closes takes the focus away without a blur.
  useEffect(() => () => void drafts.save(id, field), [drafts, id, field]);
  return {
    draft,
    text: draft?.text ?? textOf(ticket, field),
    type: (text: string) => drafts.type(ticket, field, text),
    save: () => void drafts.save(id, field),
    drop: () => drafts.drop(id, field),
  };
}

/** Ctrl or Cmd and Enter saves; Esc takes back what was typed, and closes the drawer only when there is nothing to take back. */
export function fieldKeys(
  event: KeyboardEvent<HTMLElement>,
  { save, undo }: { readonly save: () => void; readonly undo: (() => void) | null },
): void {
  if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
    event.preventDefault();
    save();
  }
  if (event.key === "Escape" && undo !== null) {
    event.preventDefault();
    undo();
  }
}

interface MarkdownFieldProps extends FieldProps {
  readonly field: "description" | "acceptanceCriteria";
  readonly empty: string;
  readonly readOnly: boolean;
}

/** A text in Markdown: shown, and edited in place with a preview. */
export function MarkdownField({ ticket, field, empty, readOnly }: MarkdownFieldProps) {
  const { draft, drop, save, text, type } = useTextField({ ticket, field });
  const [editing, setEditing] = useState(draft !== null);
  const [previewing, setPreviewing] = useState(false);
  const id = useId();
  const { fieldAsk } = useBoardParts();
  useEffect(() => fieldAsk.show(ticket.id, field, () => setEditing(true)), [fieldAsk, ticket.id, field]);
  const textarea = useTemplateCursor(text);
  const title = field === "description" ? "Description" : "Acceptance criteria";
  const leave = () => {
    save();
    setEditing(false);
    setPreviewing(false);
  };
  const open = !readOnly && (editing || draft !== null);
  const stored = textOf(ticket, field);
  return (
    <section className="mt-6">
      <div className="mb-1.5 flex h-7 items-center gap-2">
        <h2 className="text-xs font-medium text-muted">
          {open && !previewing ? <label htmlFor={id}>{title}</label> : title}
        </h2>
        {!readOnly && !open && (
          <Button look="ghost" size="sm" onClick={() => setEditing(true)} aria-label={`Edit the ${fieldNames[field]}`}>
            <Pencil className="size-3" aria-hidden /> Edit
          </Button>
        )}
        {!readOnly && !open && field === "description" && (
          <TemplateButton
            text={text}
            onChange={(template) => {
              type(template);
              setEditing(true);
            }}
          />
        )}
        <ChecklistCount text={text} />
      </div>
      {open ? (
        <div
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) leave();
          }}
        >
          {previewing ? (
            <div className="min-h-36 rounded-lg border border-line px-3 py-2">
              <Markdown text={text.trim() === "" ? "Nothing to preview." : text} className="text-base" />
            </div>
          ) : (
            <textarea
              id={id}
              ref={textarea}
              data-keeps-escape
              autoFocus={editing}
              rows={Math.max(6, Math.min(18, text.split("\n").length + 1))}
              value={text}
              maxLength={50_000}
              onChange={(event) => type(event.target.value)}
              onKeyDown={(event) => {
                const undo = () => {
                  drop();
                  setEditing(false);
                };
                fieldKeys(event, { save: leave, undo });
                undoTemplate(event, { text, onChange: type });
              }}
              className="block w-full rounded-lg border border-line-strong bg-bg px-3 py-2 text-base"
            />
          )}
          <div className="mt-1.5 flex items-center gap-2">
            <Button size="sm" onClick={leave} busy={draft?.saving === true} title={`Save (${modKey} Enter)`}>
              Save
            </Button>
            <Button size="sm" look="ghost" onClick={() => setPreviewing(!previewing)} aria-pressed={previewing}>
              {previewing ? "Write" : "Preview"}
            </Button>
            {field === "description" && <TemplateButton text={text} onChange={type} />}
            <span className="text-xs text-muted">Markdown</span>
          </div>
        </div>
      ) : stored.trim() === "" ? (
        <p className="text-muted">{empty}</p>
      ) : (
        <ChecklistText ticket={ticket} field={field} readOnly={readOnly} />
      )}
      {readOnly ? <KeptDraft ticket={ticket} field={field} /> : <DraftProblem ticket={ticket} field={field} />}
    </section>
  );
}

/** In the place of a field that can't be changed any more: a text that was typed before is not gone. */
export function KeptDraft({ ticket, field }: FieldProps): ReactNode {
  const { drafts } = useBoardParts();
  if (useDraft(drafts, ticket.id, field) === null) return null;
  return (
    <p role="status" className="mt-1 text-xs text-amber">
      Your text of the {fieldNames[field]} is not saved. It is kept here, and comes back once the ticket can be changed.
    </p>
  );
}

/** A text that was not saved: the other person's version beside it with the choice, or the reason. */
export function DraftProblem({ ticket, field }: FieldProps): ReactNode {
  const { drafts } = useBoardParts();
  const draft = useDraft(drafts, ticket.id, field);
  if (draft === null) return null;
  if (draft.error !== null)
    return (
      <Failure
        error={draft.error}
        kept="Your text is kept here."
        onRetry={() => void drafts.save(ticket.id, field)}
        className="mt-2"
      />
    );
  const { other } = draft;
  if (other === null) return null;
  const theirs = textOf(other, field);
  return (
    <div
      role="alert"
      ref={(notice) => notice?.scrollIntoView({ block: "nearest" })}
      className="mt-2 scroll-my-4 rounded-lg border border-amber-line bg-amber-soft px-3 py-2.5"
    >
      <p className="font-medium">Somebody else changed the {fieldNames[field]} meanwhile</p>
      <p className="text-soft">Your text is kept above and not saved yet. This is the other version:</p>
      <p
        className={cx(
          "my-2 max-h-40 overflow-y-auto rounded-md border border-line bg-bg px-2.5 py-1.5 break-words whitespace-pre-wrap",
          theirs === "" && "text-muted",
        )}
      >
        {theirs === "" ? "Empty" : theirs}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => void drafts.keepMine(ticket.id, field)}>
          Save mine over it
        </Button>
        <Button size="sm" look="ghost" onClick={() => drafts.drop(ticket.id, field)}>
          Take the other version
        </Button>
      </div>
    </div>
  );
}
