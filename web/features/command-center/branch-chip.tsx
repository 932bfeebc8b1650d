import { GitBranch } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { ChipForm } from "./chip.tsx";

interface BranchChipProps {
  readonly value: string;
  /** The repository's default branch, which an empty value stands for. */
  readonly fallback: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
}

/** The branch that the run starts from. */
export function BranchChip({ value, fallback, error, onChange }: BranchChipProps) {
  const [typed, setTyped] = useState(value);
  const id = useId();
  const shown = value === "" ? fallback : value;
  return (
    <ChipForm
      icon={<GitBranch aria-hidden />}
      error={error}
      label={`Base branch: ${shown}`}
      tooltip="Base branch"
      shown={shown}
      title="Base branch"
      description="The branch that the agent starts from and the pull request goes into."
      onOpen={() => setTyped(value)}
    >
      {(close) => {
        const choose = (branch: string) => {
          onChange(branch);
          close();
        };
        return (
          <div className="flex flex-col gap-3">
            <label htmlFor={id} className="sr-only">
              Branch name
            </label>
            <input
              id={id}
              value={typed}
              autoFocus
              spellCheck={false}
              placeholder={fallback}
              maxLength={255}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.preventDefault();
                choose(typed.trim());
              }}
              className="h-9 rounded-lg border border-line-strong bg-bg px-3 font-mono"
            />
            <div className="flex justify-end gap-2">
              <Button look="ghost" onClick={() => choose("")}>
                Use {fallback}
              </Button>
              <Button look="primary" onClick={() => choose(typed.trim())}>
                Use this branch
              </Button>
            </div>
          </div>
        );
      }}
    </ChipForm>
  );
}
