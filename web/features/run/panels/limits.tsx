import { useState } from "react";
import type { AllRunLimits } from "../../../../contracts/run.ts";
import { LimitFields } from "../../../components/limit-fields.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { ApiError } from "../../../lib/api.ts";
import { limitNames, readLimits, typedLimits, type LimitName } from "../../../lib/limits.ts";
import { useSetLimits } from "../steering.ts";

interface LimitsFormProps {
  readonly runId: string;
  readonly limits: AllRunLimits;
  readonly spentMicros: number | null;
  readonly onDone?: () => void;
  readonly only?: readonly LimitName[];
}

/** Sets, raises or lifts the run's limits; an empty field is no limit. A refusal of the server shows at its field, and the typed values stay. */
export function LimitsForm({ runId, limits, spentMicros, onDone, only = limitNames }: LimitsFormProps) {
  const [typed, setTyped] = useState(() => typedLimits(limits));
  const [problems, setProblems] = useState<Readonly<Partial<Record<LimitName, string>>>>({});
  const set = useSetLimits(runId);
  const { error } = set;
  const refused = error instanceof ApiError ? only.find((name) => error.issueAt(name) !== null) : undefined;
  return (
    <form
      className="flex min-w-0 flex-col gap-3"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const read = readLimits(typed, spentMicros ?? 0);
        setProblems("problems" in read ? read.problems : {});
        if (!("limits" in read)) return;
        const chosen = Object.fromEntries(only.map((name) => [name, read.limits[name]]));
        set.mutate(chosen, onDone === undefined ? {} : { onSuccess: onDone });
      }}
    >
      <LimitFields
        typed={typed}
        only={only}
        problems={
          refused === undefined || !(error instanceof ApiError)
            ? problems
            : { ...problems, [refused]: error.issueAt(refused) ?? "" }
        }
        onChange={(name, text) => {
          setTyped((before) => ({ ...before, [name]: text }));
          setProblems((before) => ({ ...before, [name]: undefined }));
          set.reset();
        }}
      />
      <div className="flex justify-end">
        <Button type="submit" look="primary" busy={set.isPending}>
          Set limits
        </Button>
      </div>
      {set.isError && refused === undefined && <Failure error={error} kept="The limits are as before." />}
    </form>
  );
}
