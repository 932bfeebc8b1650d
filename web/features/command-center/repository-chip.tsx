import { FolderGit2 } from "lucide-react";
import { HiddenRepositories } from "../../components/visibility.tsx";
import { MenuChecks, MenuChoices, MenuRule } from "../../components/ui/menu.tsx";
import { ChipMenu } from "./chip.tsx";
import type { Choices } from "./choices.ts";
import type { Draft } from "./draft.ts";
import { maxRepositories, toggledRepositories } from "./repositories.ts";

interface RepositoryChipProps {
  readonly choices: Choices;
  readonly error: string | null;
  readonly onChange: (fields: Pick<Draft, "repositoryIds" | "chooseRepositories" | "baseBranch">) => void;
}

const agent = "agent";

/** The repositories that the run works on: one, several, or those that the agent finds it needs. A review has exactly one. */
export function RepositoryChip({ choices, error, onChange }: RepositoryChipProps) {
  const { mayHaveSeveral, project, repositories, repositoriesByAgent } = choices;
  const all = project?.repositories ?? [];
  const hidden = project?.hiddenRepositoryCount ?? 0;
  const [first, ...rest] = repositories;
  const shown = repositoriesByAgent
    ? "The agent chooses"
    : first === undefined
      ? "No repository"
      : rest.length === 0
        ? `${first.owner}/${first.name}`
        : `${first.name} and ${rest.length} more`;
  const rows = all.map((each) => ({
    value: each.id,
    label: `${each.owner}/${each.name}`,
    hint: each.description,
  }));
  const choose = (repositoryIds: readonly string[]) =>
    onChange({ repositoryIds, chooseRepositories: false, baseBranch: "" });
  return (
    <ChipMenu icon={<FolderGit2 aria-hidden />} name="Repository" shown={shown} error={error}>
      {mayHaveSeveral ? (
        <>
          <MenuChecks
            checked={repositoriesByAgent ? [] : repositories.map(({ id }) => id)}
            choices={rows}
            most={maxRepositories}
            onToggle={(id) => choose(repositoriesByAgent ? [id] : toggledRepositories(choices, id))}
          />
          <MenuRule />
          <MenuChoices
            value={repositoriesByAgent ? agent : ""}
            choices={[
              { value: agent, label: "Let the agent choose", hint: "It names those that it needs, with reasons" },
            ]}
            onChange={() => onChange({ repositoryIds: [], chooseRepositories: true, baseBranch: "" })}
          />
        </>
      ) : (
        <MenuChoices value={first?.id ?? ""} choices={rows} onChange={(id) => choose([id])} />
      )}
      {hidden > 0 && (
        <div className="max-w-80 px-2 py-1.5">
          <HiddenRepositories count={hidden} />
        </div>
      )}
    </ChipMenu>
  );
}
