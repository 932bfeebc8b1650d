import { Bot, Gauge, Layers, Wrench } from "lucide-react";
import type { Model } from "../../../contracts/model.ts";
import { modes } from "../../../domain/run/modes.ts";
import { cx } from "../../components/ui/cx.ts";
import { MenuChoices, type Choice } from "../../components/ui/menu.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { isOpen } from "../../lib/projects.ts";
import { effortLevels, startableModes, type Effort, type StartableMode } from "../../lib/vocabulary.ts";
import { modeLabels } from "../../lib/words.ts";
import { BranchChip } from "./branch-chip.tsx";
import { ChipMenu } from "./chip.tsx";
import type { Choices } from "./choices.ts";
import { ConstraintsChip } from "./constraints-chip.tsx";
import type { Draft } from "./draft.ts";
import { LimitsChip } from "./limits-chip.tsx";
import { RepositoryChip } from "./repository-chip.tsx";

interface ChipsProps {
  readonly draft: Draft;
  readonly change: (fields: Partial<Omit<Draft, "key">>) => void;
  readonly choices: Choices;
  readonly pending: boolean;
  readonly errorAt: (path: string) => string | null;
}

const effortWords: Record<Effort, string> = { low: "Low", medium: "Medium", high: "High" };
const effortHints: Record<Effort, string> = {
  low: "Quick, for small changes",
  medium: "The usual",
  high: "Thinks longer, costs more",
};
const modeHints: Record<StartableMode, string> = {
  implement: "Build it, review it, test it",
  bugfix: "A failing regression test first, then the fix",
  feature: "Architecture, plan, then the change",
  plan: "An outline of tickets; no code",
  review: "Findings on a pull request, posted when you approve",
};

/** The choices of a run as chips, each a menu. */
export function Chips({ draft, change, choices, pending, errorAt }: ChipsProps) {
  if (pending) {
    return (
      <div className="flex flex-wrap gap-1.5" role="status" aria-label="Loading choices">
        {["w-28", "w-32", "w-24", "w-40"].map((width) => (
          <Skeleton key={width} className={cx("h-7 rounded-full", width)} />
        ))}
      </div>
    );
  }
  // A model that an admin switched off, or its vendor retired, is no choice; one without a key is marked.
  const models: Choice[] = choices.models
    .filter((model) => model.enabled && model.retirement?.isPast !== true)
    .map((model) => ({
      value: model.id,
      label: model.name,
      group: model.agent,
      hint: model.available ? retiresSoon(model) : model.reason,
      disabled: !model.available,
    }));
  const { project, repository, model } = choices;
  return (
    <div className="flex min-w-0 flex-wrap gap-1.5">
      <ChipMenu icon={<Wrench aria-hidden />} name="Mode" shown={modeLabels[draft.mode]} error={errorAt("mode")}>
        <MenuChoices
          value={draft.mode}
          choices={startableModes.map((mode) => ({ value: mode, label: modeLabels[mode], hint: modeHints[mode] }))}
          onChange={(value) => change({ mode: startableModes.find((each) => each === value) ?? draft.mode })}
        />
      </ChipMenu>
      <ChipMenu icon={<Bot aria-hidden />} name="Model" shown={model?.name ?? "No model"} error={errorAt("model")}>
        <MenuChoices value={model?.id ?? ""} choices={models} onChange={(value) => change({ model: value })} />
      </ChipMenu>
      <ChipMenu icon={<Gauge aria-hidden />} name="Effort" shown={effortWords[draft.effort]} error={errorAt("effort")}>
        <MenuChoices
          value={draft.effort}
          choices={effortLevels.map((effort) => ({
            value: effort,
            label: effortWords[effort],
            hint: effortHints[effort],
          }))}
          onChange={(value) => change({ effort: effortLevels.find((effort) => effort === value) ?? draft.effort })}
        />
      </ChipMenu>
      {(choices.projects.length > 1 || (project !== null && !isOpen(project))) && (
        <ChipMenu
          icon={<Layers aria-hidden />}
          name="Project"
          shown={project?.name ?? "No project"}
          error={errorAt("projectId")}
        >
          <MenuChoices
            value={project?.id ?? ""}
            choices={choices.projects.map((each) => ({ value: each.id, label: each.name, hint: each.key }))}
            onChange={(value) =>
              change({ projectId: value, repositoryIds: [], chooseRepositories: false, baseBranch: "" })
            }
          />
        </ChipMenu>
      )}
      <RepositoryChip
        choices={choices}
        error={errorAt("repositoryId") ?? errorAt("repositoryIds") ?? errorAt("chooseRepositories")}
        onChange={change}
      />
      {repository !== null && modes[draft.mode].request.baseBranch && (
        <BranchChip
          key={repository.id}
          value={draft.baseBranch}
          fallback={repository.defaultBranch}
          error={errorAt("baseBranch")}
          onChange={(value) => change({ baseBranch: value })}
        />
      )}
      <ConstraintsChip
        value={draft.constraints}
        error={errorAt("constraints")}
        onChange={(constraints) => change({ constraints })}
      />
      <LimitsChip value={draft.limits} error={errorAt("limits")} onChange={(limits) => change({ limits })} />
    </div>
  );
}

function retiresSoon({ retirement }: Model): string | null {
  return retirement === null ? null : `Its vendor retires it on ${retirement.on}`;
}
