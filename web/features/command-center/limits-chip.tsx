import { Wallet } from "lucide-react";
import { useState } from "react";
import type { RunLimits } from "../../../contracts/run.ts";
import { LimitFields } from "../../components/limit-fields.tsx";
import { Button } from "../../components/ui/button.tsx";
import { limitsInWords, readLimits, setLimitsOnly, typedLimits, type LimitName } from "../../lib/limits.ts";
import { ChipForm } from "./chip.tsx";

interface LimitsChipProps {
  /** The limits of this run; an absent one is as the project has it. */
  readonly value: RunLimits;
  readonly error: string | null;
  readonly onChange: (value: RunLimits) => void;
}

const asProject = {
  costMicros: "As the project has it",
  wallTimeMs: "As the project has it",
  stageTurns: "As the project has it",
  stageWallTimeMs: "As the project has it",
};

/** The run’s limits of money, time and turns. Nothing chosen means the project’s own. */
export function LimitsChip({ value, error, onChange }: LimitsChipProps) {
  const [typed, setTyped] = useState(() => typedLimits(value));
  const [problems, setProblems] = useState<Readonly<Partial<Record<LimitName, string>>>>({});
  const shown = limitsInWords(value);
  const choose = (next: RunLimits, close: () => void) => {
    onChange(next);
    close();
  };
  const submit = (close: () => void) => {
    const read = readLimits(typed);
    if ("limits" in read) choose(setLimitsOnly(read.limits), close);
    else setProblems(read.problems);
  };
  return (
    <ChipForm
      icon={<Wallet aria-hidden />}
      error={error}
      label={`Limits: ${shown ?? "as the project has them"}`}
      tooltip="Limits"
      shown={shown ?? "Limits"}
      title="Limits"
      description="What the run may use up. When it reaches one it stops and waits for you; nothing is lost."
      onOpen={() => {
        setTyped(typedLimits(value));
        setProblems({});
      }}
    >
      {(close) => (
        <div
          className="flex flex-col gap-4"
          onKeyDown={(event) => {
            // The dialog is inside the prompt's form: Enter must not start the run.
            if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
            event.preventDefault();
            submit(close);
          }}
        >
          <LimitFields
            typed={typed}
            problems={problems}
            empty={asProject}
            onChange={(name, text) => {
              setTyped((before) => ({ ...before, [name]: text }));
              setProblems((before) => ({ ...before, [name]: undefined }));
            }}
          />
          <div className="flex justify-end gap-2">
            <Button look="ghost" onClick={() => choose({}, close)}>
              As the project has it
            </Button>
            <Button look="primary" onClick={() => submit(close)}>
              Use these limits
            </Button>
          </div>
        </div>
      )}
    </ChipForm>
  );
}
