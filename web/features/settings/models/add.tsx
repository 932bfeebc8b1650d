import { Plus } from "lucide-react";
import { useId, useState } from "react";
import type { AddModel } from "../../../../contracts/model.ts";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { ApiError } from "../../../lib/api.ts";
import { useAddModel } from "./change.ts";

const empty: AddModel = { id: "", provider: "anthropic", name: "" };

/** Adds a model by its vendor's id. A refusal of the server shows at its field, and the typed values stay. */
export function AddModelForm() {
  const [typed, setTyped] = useState(empty);
  const add = useAddModel();
  const id = useId();
  const { error } = add;
  const at = (field: string) => (error instanceof ApiError ? error.issueAt(field) : null);
  const change = (fields: Partial<AddModel>) => {
    setTyped((before) => ({ ...before, ...fields }));
    add.reset();
  };
  return (
    <section aria-label="Add a model" className="rounded-xl border border-line bg-card px-4 py-3.5">
      <h2 className="font-semibold">Add a model</h2>
      <p className="mt-0.5 text-muted">
        One that the list does not have: a new one, or one of your own. Its price is not known.
      </p>
      <form
        className="mt-3 grid items-start gap-x-3 gap-y-2 sm:grid-cols-[1fr_1.4fr_1fr_auto]"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(typed, { onSuccess: () => setTyped(empty) });
        }}
      >
        <div>
          <label htmlFor={`${id}-provider`} className="text-xs font-medium text-soft">
            Provider
          </label>
          <select
            id={`${id}-provider`}
            value={typed.provider}
            onChange={(event) => change({ provider: event.target.value === "openai" ? "openai" : "anthropic" })}
            className="mt-1 h-8 w-full rounded-lg border border-line-strong bg-bg px-2"
          >
            <option value="anthropic">Anthropic (Claude)</option>
            <option value="openai">OpenAI (Codex)</option>
          </select>
        </div>
        <Field
          id={`${id}-id`}
          label="Id"
          value={typed.id}
          problem={at("id")}
          mono
          onChange={(text) => change({ id: text })}
        />
        <Field
          id={`${id}-name`}
          label="Name"
          value={typed.name}
          problem={at("name")}
          onChange={(name) => change({ name })}
        />
        <Button
          type="submit"
          look="primary"
          className="mt-5.5"
          busy={add.isPending}
          disabled={typed.id.trim() === "" || typed.name.trim() === ""}
        >
          {!add.isPending && <Plus className="size-4" aria-hidden />}
          Add
        </Button>
      </form>
      {add.isError && at("id") === null && at("name") === null && (
        <Failure error={error} kept="What you typed is kept." className="mt-3" />
      )}
    </section>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly problem: string | null;
  readonly mono?: boolean;
  readonly onChange: (text: string) => void;
}

function Field({ id, label, value, problem, mono = false, onChange }: FieldProps) {
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="text-xs font-medium text-soft">
        {label}
      </label>
      <input
        id={id}
        value={value}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        onChange={(event) => onChange(event.target.value)}
        className={cx(
          "mt-1 h-8 w-full rounded-lg border bg-bg px-2.5",
          problem === null ? "border-line-strong" : "border-red-line",
          mono && "font-mono text-xs",
        )}
      />
      {problem !== null && (
        <p id={`${id}-problem`} role="alert" className="mt-0.5 text-xs text-red">
          {problem}
        </p>
      )}
    </div>
  );
}
