import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type KeyboardEvent } from "react";
import type { Project, UpdateProject } from "../../../../contracts/project.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { ApiError } from "../../../lib/api.ts";
import { modKey } from "../../../lib/hotkeys.ts";
import { changeProject } from "../../../lib/project-writes.ts";
import { SaveBar } from "../save-bar.tsx";
import { afterSave, changeOf, projectFields, type ProjectDraft, type ProjectField } from "./draft.ts";
import { DescriptionField, KeyField, TextField } from "./fields.tsx";

interface ProjectFormProps {
  readonly project: Project;
  /** Why the person may not change it; null when they may. */
  readonly refusal: string | null;
  readonly onDirty: (name: string, dirty: boolean) => void;
}

/** A project's name, key and description. A refused value stays as it was typed, with the reason beside it. */
export function ProjectForm({ project, refusal, onDirty }: ProjectFormProps) {
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<ProjectDraft>({});
  const save = useMutation({
    mutationFn: async (change: UpdateProject) => changeProject(queryClient, project.id, change),
    onSuccess: (_saved, sent) => setDraft((now) => afterSave(now, sent)),
  });
  const change = changeOf(project, draft);
  const isDirty = change !== null;
  useEffect(() => {
    onDirty(project.name, isDirty);
    return () => onDirty(project.name, false);
  }, [onDirty, project.name, isDirty]);
  const failure = save.error instanceof ApiError ? save.error : null;
  const fieldProps = (name: ProjectField) => ({
    value: draft[name] ?? project[name],
    error: reasonAt(failure, name),
    onChange: (text: string) => {
      setDraft((now) => ({ ...now, [name]: text }));
      if (!save.isPending) save.reset();
    },
  });
  const submit = () => {
    if (change !== null && refusal === null && !save.isPending) save.mutate(change);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const saves = event.key === "Enter" || event.key.toLowerCase() === "s";
    if (!saves || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    submit();
  };
  const isNamed = projectFields.some((name) => failure?.issueAt(name) != null);
  return (
    <form
      aria-label="Project"
      noValidate
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="flex flex-col gap-4 rounded-xl border border-line bg-card px-4 py-3.5"
    >
      <div className="grid gap-4 sm:grid-cols-[1fr_15rem]">
        <TextField label="Name" maxLength={200} readOnly={refusal !== null} {...fieldProps("name")} />
        <KeyField project={project} readOnly={refusal !== null} {...fieldProps("key")} />
      </div>
      <DescriptionField readOnly={refusal !== null} {...fieldProps("description")} />
      {save.isError && !isNamed && <Failure error={save.error} kept="What you typed is kept." />}
      {refusal === null && (
        <SaveBar
          isChanged={change !== null}
          isBusy={save.isPending}
          isSaved={save.isSuccess}
          onDiscard={() => (setDraft({}), save.reset())}
          title={`Save (${modKey} S)`}
        />
      )}
    </form>
  );
}

/** The reason for which a field was refused; null when it was not. */
function reasonAt(failure: ApiError | null, name: ProjectField): string | null {
  const issue = failure?.issueAt(name) ?? null;
  // A conflict says in its own sentence with what the value is at odds.
  return issue !== null && failure?.code === "conflict" ? failure.message : issue;
}
