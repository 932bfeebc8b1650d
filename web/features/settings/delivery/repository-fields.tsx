import { useId } from "react";
import { maxTestCommand, type DeliveryDraft } from "./draft.ts";

interface RepositoryFieldsProps {
  readonly repository: DeliveryDraft["repositories"][number];
  /** Ids of the project's repositories, with its own. */
  readonly others: readonly string[];
  readonly nameOf: (id: string) => string;
  readonly readOnly: boolean;
  readonly onChange: (fields: { readonly testCommand?: string; readonly dependsOn?: string[] }) => void;
}

/** One repository's test command, and those that are written before it. */
export function RepositoryFields({ repository, others, nameOf, readOnly, onChange }: RepositoryFieldsProps) {
  const { dependsOn, repositoryId, testCommand } = repository;
  const id = useId();
  const name = nameOf(repositoryId);
  const choices = others.filter((other) => other !== repositoryId);
  return (
    <li className="flex flex-col gap-2 border-b border-line px-3 py-2.5 last:border-b-0">
      <h3 className="font-medium break-words">{name}</h3>
      <div>
        <label htmlFor={id} className="text-xs text-muted">
          Test command
        </label>
        <input
          id={id}
          aria-label={`Test command of ${name}`}
          value={testCommand}
          readOnly={readOnly}
          maxLength={maxTestCommand}
          spellCheck={false}
          autoComplete="off"
          placeholder="The project’s, or the one that is found in the repository"
          onChange={(event) => onChange({ testCommand: event.target.value })}
          className="mt-0.5 h-8 w-full rounded-lg border border-line-strong bg-bg px-2.5 font-mono text-xs"
        />
      </div>
      {choices.length > 0 && (
        <fieldset disabled={readOnly}>
          <legend className="text-xs text-muted">Written after, beside what its packages say</legend>
          <div className="mt-1 flex flex-wrap gap-1.5">
            {choices.map((other) => (
              <label
                key={other}
                className="flex min-h-7 cursor-pointer items-center gap-1.5 rounded-md border border-line px-2 text-xs hover:bg-hover has-checked:border-lime-line has-checked:bg-lime-soft has-disabled:cursor-default"
              >
                <input
                  type="checkbox"
                  aria-label={`${name} is written after ${nameOf(other)}`}
                  className="size-3.5 accent-(--lime)"
                  checked={dependsOn.includes(other)}
                  onChange={(event) =>
                    onChange({
                      dependsOn: event.target.checked
                        ? [...dependsOn, other]
                        : dependsOn.filter((each) => each !== other),
                    })
                  }
                />
                {nameOf(other)}
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </li>
  );
}
