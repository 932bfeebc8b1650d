import { useId, useState, type ReactNode } from "react";
import type { Project } from "../../../../contracts/project.ts";
import { Markdown } from "../../../components/markdown.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";

interface FieldProps {
  readonly value: string;
  readonly error: string | null;
  readonly readOnly: boolean;
  readonly onChange: (text: string) => void;
}

const input = "w-full rounded-lg border bg-bg px-3 disabled:text-muted read-only:text-soft";

interface TextFieldProps extends FieldProps {
  readonly label: string;
  readonly maxLength: number;
  /** Why it can't be changed at all; null when it can. */
  readonly fixed?: string | null;
  readonly className?: string;
}

/** A field of one line. */
export function TextField({
  className,
  error,
  fixed = null,
  label,
  maxLength,
  onChange,
  readOnly,
  value,
}: TextFieldProps) {
  const id = useId();
  return (
    <Labelled id={id} label={label} error={error} hint={fixed}>
      <input
        id={id}
        value={value}
        maxLength={maxLength}
        readOnly={readOnly}
        disabled={fixed !== null}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={error !== null}
        aria-describedby={`${id}-said`}
        onChange={(event) => onChange(event.target.value)}
        className={cx(input, "h-9", error === null ? "border-line-strong" : "border-red-line", className)}
      />
    </Labelled>
  );
}

/** The key can be changed until the project has had a ticket: the keys of tickets begin with it. */
export function KeyField({ project, ...field }: FieldProps & { project: Project }) {
  const fixed = project.hasHadTickets
    ? `It stays: tickets have keys such as ${project.key}-1, which are in branches and pull requests.`
    : null;
  return (
    <TextField
      {...field}
      label="Key"
      maxLength={20}
      fixed={fixed}
      onChange={(text) => field.onChange(text.toUpperCase())}
      className="font-mono"
    />
  );
}

/** The description, in Markdown with a preview. */
export function DescriptionField({ error, onChange, readOnly, value }: FieldProps) {
  const id = useId();
  const [previewing, setPreviewing] = useState(false);
  const shows = readOnly || previewing;
  return (
    <Labelled id={id} label="Description" error={error} hint={null}>
      {shows ? (
        <div className={cx("min-h-9", !readOnly && "min-h-36 rounded-lg border border-line px-3 py-2")}>
          {value.trim() === "" ? (
            <p className="text-muted">{readOnly ? "No description." : "Nothing to preview."}</p>
          ) : (
            <Markdown text={value} />
          )}
        </div>
      ) : (
        <textarea
          id={id}
          rows={6}
          value={value}
          aria-invalid={error !== null}
          aria-describedby={`${id}-said`}
          placeholder="The purpose of the project, for people. Agents read its instructions."
          onChange={(event) => onChange(event.target.value)}
          className={cx(
            input,
            "field-sizing-content max-h-[50vh] min-h-36 resize-y py-2",
            error === null ? "border-line-strong" : "border-red-line",
          )}
        />
      )}
      {!readOnly && (
        <div className="flex items-center gap-2">
          <Button size="sm" look="ghost" aria-pressed={previewing} onClick={() => setPreviewing(!previewing)}>
            {previewing ? "Write" : "Preview"}
          </Button>
          <span className="text-xs text-muted">Markdown</span>
        </div>
      )}
    </Labelled>
  );
}

interface LabelledProps {
  readonly id: string;
  readonly label: string;
  readonly error: string | null;
  readonly hint: string | null;
  readonly children: ReactNode;
}

function Labelled({ children, error, hint, id, label }: LabelledProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-soft">
        {label}
      </label>
      {children}
      <p
        id={`${id}-said`}
        {...(error === null ? {} : { role: "alert" })}
        className={cx("text-xs empty:hidden", error === null ? "text-muted" : "text-red")}
      >
        {error ?? hint}
      </p>
    </div>
  );
}
