import { ShieldHalf } from "lucide-react";
import { useId, useState } from "react";
import type { RunConstraints } from "../../../contracts/run.ts";
import { Button } from "../../components/ui/button.tsx";
import { constrainableToolNames, type ConstrainableTool } from "../../lib/vocabulary.ts";
import { ChipForm } from "./chip.tsx";

interface ConstraintsChipProps {
  readonly value: RunConstraints;
  readonly error: string | null;
  readonly onChange: (value: RunConstraints) => void;
}

const toolWords: Record<ConstrainableTool, string> = {
  read_file: "Read files",
  list_files: "List files",
  grep: "Search",
  edit_file: "Edit files",
  write_file: "Write files",
  shell: "Run shell commands",
  git_diff: "See its diff",
  git_log: "See commits",
  run_tests: "Run tests",
};

/** The paths that the run may change and the tools that it may use. Nothing chosen means everything. */
export function ConstraintsChip({ value, error, onChange }: ConstraintsChipProps) {
  const [paths, setPaths] = useState("");
  const [tools, setTools] = useState<ReadonlySet<ConstrainableTool>>(new Set(constrainableToolNames));
  const id = useId();
  const shown = inWords(value);
  return (
    <ChipForm
      icon={<ShieldHalf aria-hidden />}
      error={error}
      label={`May change and use: ${shown ?? "everything"}`}
      tooltip="What it may change and use"
      shown={shown ?? "Paths and tools"}
      title="Paths and tools"
      description="What the agent may change and use. It is held to them whatever it tries; other changes can’t be approved."
      onOpen={() => {
        setPaths((value.paths ?? []).join("\n"));
        setTools(new Set(value.tools ?? constrainableToolNames));
      }}
    >
      {(close) => (
        <div className="flex flex-col gap-4">
          <div>
            <label htmlFor={`${id}-paths`} className="text-xs font-medium text-soft">
              Paths that may change, one a line
            </label>
            <textarea
              id={`${id}-paths`}
              value={paths}
              rows={4}
              spellCheck={false}
              placeholder={"every path\nsrc\ndocs/**/*.md"}
              aria-describedby={`${id}-paths-about`}
              onChange={(event) => setPaths(event.target.value)}
              className="mt-1 w-full rounded-lg border border-line-strong bg-bg px-2.5 py-1.5 font-mono text-xs leading-5"
            />
            <p id={`${id}-paths-about`} className="mt-0.5 text-xs text-muted">
              A folder stands for all in it; * for a part of a name, ** for any folders.
            </p>
          </div>
          <fieldset>
            <legend className="text-xs font-medium text-soft">Tools</legend>
            <div className="mt-1 grid gap-x-4 gap-y-1 sm:grid-cols-2">
              {constrainableToolNames.map((tool) => (
                <label key={tool} className="flex min-h-7 items-center gap-2">
                  <input
                    type="checkbox"
                    checked={tools.has(tool)}
                    onChange={(event) => {
                      const next = new Set(tools);
                      if (event.target.checked) next.add(tool);
                      else next.delete(tool);
                      setTools(next);
                    }}
                    className="size-4 accent-lime"
                  />
                  {toolWords[tool]}
                </label>
              ))}
            </div>
          </fieldset>
          <div className="flex justify-end gap-2">
            <Button look="ghost" onClick={() => (onChange({}), close())}>
              Everything
            </Button>
            <Button
              look="primary"
              disabled={tools.size === 0}
              onClick={() => (onChange(readConstraints(paths, tools)), close())}
            >
              Use these
            </Button>
          </div>
        </div>
      )}
    </ChipForm>
  );
}

function readConstraints(paths: string, tools: ReadonlySet<ConstrainableTool>): RunConstraints {
  const named = paths
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return {
    ...(named.length === 0 ? {} : { paths: named }),
    ...(tools.size === constrainableToolNames.length
      ? {}
      : { tools: constrainableToolNames.filter((tool) => tools.has(tool)) }),
  };
}

function inWords({ paths, tools }: RunConstraints): string | null {
  const [first, ...rest] = paths ?? [];
  const parts = [
    ...(first === undefined ? [] : [rest.length === 0 ? first : `${first} and ${rest.length} more`]),
    ...(tools == null ? [] : [`${tools.length} ${tools.length === 1 ? "tool" : "tools"}`]),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}
