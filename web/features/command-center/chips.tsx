import { Bot, ChevronDown, FolderGit2, Gauge, GitBranch, Layers, Wrench } from "lucide-react";
import { useId, useState, type ReactNode } from "react";
import type { Model } from "../../../contracts/model.ts";
import { modes } from "../../../domain/run/modes.ts";
import { Button } from "../../components/ui/button.tsx";
import { cx } from "../../components/ui/cx.ts";
import { Dialog } from "../../components/ui/dialog.tsx";
import { Menu, MenuChoices, type Choice } from "../../components/ui/menu.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { effortLevels, startableModes, type Effort, type StartableMode } from "../../lib/vocabulary.ts";
import { modeLabels } from "../../lib/words.ts";
import { LimitsChip } from "./limits-chip.tsx";
import { Chip } from "./chip.tsx";
import { ConstraintsChip } from "./constraints-chip.tsx";
import type { Choices } from "./choices.ts";
import type { Draft } from "./draft.ts";

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
  // What an admin switched off, or the vendor for good, is no choice; what lacks a key says so.
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
      <ChipMenu
        icon={<Wrench aria-hidden />}
        name="Mode"
        shown={modeLabels[draft.mode]}
        error={errorAt("mode")}
        value={draft.mode}
        choices={startableModes.map((mode) => ({ value: mode, label: modeLabels[mode], hint: modeHints[mode] }))}
        onChange={(value) => change({ mode: startableModes.find((mode) => mode === value) ?? draft.mode })}
      />
      <ChipMenu
        icon={<Bot aria-hidden />}
        name="Model"
        shown={model?.name ?? "No model"}
        error={errorAt("model")}
        value={model?.id ?? ""}
        choices={models}
        onChange={(value) => change({ model: value })}
      />
      <ChipMenu
        icon={<Gauge aria-hidden />}
        name="Effort"
        shown={effortWords[draft.effort]}
        error={errorAt("effort")}
        value={draft.effort}
        choices={effortLevels.map((effort) => ({
          value: effort,
          label: effortWords[effort],
          hint: effortHints[effort],
        }))}
        onChange={(value) => change({ effort: effortLevels.find((effort) => effort === value) ?? draft.effort })}
      />
      {choices.projects.length > 1 && (
        <ChipMenu
          icon={<Layers aria-hidden />}
          name="Project"
          shown={project?.name ?? "No project"}
          error={errorAt("projectId")}
          value={project?.id ?? ""}
          choices={choices.projects.map((each) => ({ value: each.id, label: each.name, hint: each.key }))}
          onChange={(value) => change({ projectId: value, repositoryId: "", baseBranch: "" })}
        />
      )}
      <ChipMenu
        icon={<FolderGit2 aria-hidden />}
        name="Repository"
        shown={repository === null ? "No repository" : `${repository.owner}/${repository.name}`}
        error={errorAt("repositoryId")}
        value={repository?.id ?? ""}
        choices={(project?.repositories ?? []).map((each) => ({
          value: each.id,
          label: `${each.owner}/${each.name}`,
          hint: each.description,
        }))}
        onChange={(value) => change({ repositoryId: value, baseBranch: "" })}
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

interface ChipMenuProps {
  readonly icon: ReactNode;
  readonly name: string;
  readonly shown: string;
  readonly error: string | null;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}

function ChipMenu({ icon, name, shown, error, value, choices, onChange }: ChipMenuProps) {
  const errorId = useId();
  return (
    <span className="flex max-w-full flex-col">
      <Menu
        trigger={
          <Chip
            icon={icon}
            error={error}
            aria-label={`${name}: ${shown}`}
            aria-describedby={error === null ? undefined : errorId}
            title={name}
          >
            <span className="truncate">{shown}</span>
            <ChevronDown aria-hidden className="-mr-1" />
          </Chip>
        }
      >
        <MenuChoices value={value} choices={choices} onChange={onChange} />
      </Menu>
      {error !== null && (
        <span id={errorId} role="alert" className="px-2 pt-0.5 text-xs text-red">
          {error}
        </span>
      )}
    </span>
  );
}

function BranchChip({
  value,
  fallback,
  error,
  onChange,
}: {
  value: string;
  fallback: string;
  error: string | null;
  onChange: (value: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(value);
  const id = useId();
  const shown = value === "" ? fallback : value;
  return (
    <span className="flex max-w-full flex-col">
      <Chip
        icon={<GitBranch aria-hidden />}
        error={error}
        aria-label={`Base branch: ${shown}`}
        title="Base branch"
        onClick={() => (setTyped(value), setOpen(true))}
      >
        <span className="truncate">{shown}</span>
      </Chip>
      {error !== null && (
        <span role="alert" className="px-2 pt-0.5 text-xs text-red">
          {error}
        </span>
      )}
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Base branch"
        description="The branch that the agent starts from and the pull request goes into."
        className="w-[min(26rem,calc(100vw-1.5rem))]"
      >
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
              onChange(typed.trim());
              setOpen(false);
            }}
            className="h-9 rounded-lg border border-line-strong bg-bg px-3 font-mono"
          />
          <div className="flex justify-end gap-2">
            <Button look="ghost" onClick={() => (onChange(""), setOpen(false))}>
              Use {fallback}
            </Button>
            <Button look="primary" onClick={() => (onChange(typed.trim()), setOpen(false))}>
              Use this branch
            </Button>
          </div>
        </div>
      </Dialog>
    </span>
  );
}
