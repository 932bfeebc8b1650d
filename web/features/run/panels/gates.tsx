import type { GateId, RunMode } from "../../../../contracts/run.ts";
import { modes } from "../../../../domain/run/modes.ts";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { gateOutcome } from "../model/gate-outcome.ts";
import type { Gates } from "../model/lanes.ts";
import { GateMark } from "./gate-dots.tsx";

const gates: readonly { id: GateId; name: string; asks: string }[] = [
  { id: "G0", name: "Intake", asks: "Is the request clear and the repository ready?" },
  { id: "G1", name: "Architecture", asks: "Is there a decision that the change follows?" },
  { id: "G2", name: "Patch integrity", asks: "Do the patches apply to the base, byte for byte?" },
  { id: "G3", name: "Policy", asks: "Is no rule broken?" },
  { id: "G4", name: "Tests and review", asks: "Do the tests pass and does the reviewer agree?" },
  { id: "G5", name: "CI", asks: "Are the checks of the pull request green?" },
];

/** The gates that define done, each with its evidence. */
export function GatesPanel({ mode, results }: { mode: RunMode; results: Gates }) {
  // A review proposes no patch set, so the gates that judge one are left out.
  const shown = modes[mode].product === "review" ? gates.filter(({ id }) => results[id] !== undefined) : gates;
  return (
    <ol className="h-full overflow-y-auto">
      {shown.map(({ id, name, asks }) => {
        const result = results[id];
        const outcome = result === undefined ? "not yet" : gateOutcome(result);
        return (
          <li key={id} className="flex items-start gap-3 border-b border-line px-4 py-3">
            <GateMark outcome={outcome} className="mt-0.5 size-4 shrink-0" />
            <div className="min-w-0 flex-1">
              <h2 className="font-medium">
                {id} {name}
                {result?.status === "skipped" && <span className="font-normal text-muted"> {outcome}</span>}
              </h2>
              <p className="text-muted">{asks}</p>
              {result !== undefined && result.evidence.length > 0 && (
                <dl className="mt-1.5 grid grid-cols-[max-content_1fr] gap-x-4 gap-y-0.5 text-xs">
                  {result.evidence.map((evidence, index) => (
                    <div key={`${evidence.label}${index}`} className="contents">
                      <dt className="text-muted">{evidence.label}</dt>
                      <dd className="min-w-0 break-words">
                        {evidence.url === null ? (
                          evidence.value
                        ) : (
                          <OutLink href={evidence.url}>{evidence.value}</OutLink>
                        )}
                      </dd>
                    </div>
                  ))}
                </dl>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
