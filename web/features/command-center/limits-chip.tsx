import { Wallet } from "lucide-react";
import { useState } from "react";
import type { RunLimits } from "../../../contracts/run.ts";
import { LimitFields } from "../../components/limit-fields.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";
import { limitsInWords, readLimits, setLimitsOnly, typedLimits, type LimitName } from "../../lib/limits.ts";
import { Chip } from "./chip.tsx";

interface LimitsChipProps {
  /** What the run may use up; what is absent is as the project has it. */
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

/** What the run may use up: money, time, turns. Nothing chosen means what the project says. */
export function LimitsChip({ value, error, onChange }: LimitsChipProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(() => typedLimits(value));
  const [problems, setProblems] = useState<Readonly<Partial<Record<LimitName, string>>>>({});
  const shown = limitsInWords(value);
  const choose = (next: RunLimits) => {
    onChange(next);
    setOpen(false);
  };
  const submit = () => {
    const read = readLimits(typed);
    if ("limits" in read) choose(setLimitsOnly(read.limits));
    else setProblems(read.problems);
  };
  return (
    <span className="flex max-w-full flex-col">
      <Chip
        icon={<Wallet aria-hidden />}
        error={error}
        aria-label={`Limits: ${shown ?? "as the project has them"}`}
        title="Limits"
        onClick={() => {
          setTyped(typedLimits(value));
          setProblems({});
          setOpen(true);
        }}
      >
        <span className="truncate">{shown ?? "Limits"}</span>
      </Chip>
      {error !== null && (
        <span role="alert" className="px-2 pt-0.5 text-xs text-red">
          {error}
        </span>
      )}
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Limits"
        description="What the run may use up. When it reaches one it stops and waits for you; nothing is lost."
        className="w-[min(30rem,calc(100vw-1.5rem))]"
      >
        <div
          className="flex flex-col gap-4"
          onKeyDown={(event) => {
            // The dialog stands inside the prompt's form: Enter must not start the run.
            if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
            event.preventDefault();
            submit();
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
            <Button look="ghost" onClick={() => choose({})}>
              As the project has it
            </Button>
            <Button look="primary" onClick={submit}>
              Use these limits
            </Button>
          </div>
        </div>
      </Dialog>
    </span>
  );
}
