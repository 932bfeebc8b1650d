import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { useState } from "react";
import type { ProjectDelivery } from "../../../../contracts/delivery.ts";
import type { Project } from "../../../../contracts/project.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { HiddenRepositories } from "../../../components/visibility.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { api, bodyOf } from "../../../lib/api.ts";
import { useProjectRefusal } from "../../../lib/me.ts";
import { isOpen } from "../../../lib/projects.ts";
import { projectDeliveryQuery } from "../../../lib/queries.ts";
import { SaveBar } from "../save-bar.tsx";
import { AddRepositories } from "./add.tsx";
import { changeOf, circular, draftOf, withRepository, type DeliveryDraft } from "./draft.ts";
import { RepositoryFields } from "./repository-fields.tsx";

/** One project's delivery and repositories. A person who may not change them reads them. */
export function DeliveryCard({ project }: { project: Project }) {
  const query = useQuery(projectDeliveryQuery(project.id));
  const refusal = useProjectRefusal(project, "project.update");
  return (
    <section aria-label={`Delivery of ${project.name}`} className="rounded-xl border border-line bg-card px-4 py-3.5">
      <header className="flex min-h-7 flex-wrap items-center gap-2">
        <h2 className="flex min-w-0 flex-1 items-center gap-2 font-semibold">
          <span className="truncate">{project.name}</span>
          {!isOpen(project) && <Tag>archived</Tag>}
        </h2>
        {refusal === null && <AddRepositories project={project} />}
      </header>
      {query.data === undefined ? (
        query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} className="mt-3" />
        ) : (
          <Skeleton className="mt-3 h-40 w-full rounded-lg" />
        )
      ) : (
        <DeliveryForm project={project} stored={query.data} refusal={refusal} />
      )}
    </section>
  );
}

interface DeliveryFormProps {
  readonly project: Project;
  readonly stored: ProjectDelivery;
  readonly refusal: string | null;
}

function DeliveryForm({ project, stored, refusal }: DeliveryFormProps) {
  const queryClient = useQueryClient();
  // Null while nothing was changed: the form then follows the server.
  const [draft, setDraft] = useState<DeliveryDraft | null>(null);
  const save = useMutation({
    mutationFn: (body: ProjectDelivery) =>
      bodyOf(api.PUT("/api/projects/{id}/delivery", { params: { path: { id: project.id } }, body })),
    onSuccess: (saved) => {
      queryClient.setQueryData(projectDeliveryQuery(project.id).queryKey, saved);
      setDraft(null);
    },
  });
  const shown = draft ?? draftOf(stored);
  const change = changeOf(stored, shown);
  const edit = (next: DeliveryDraft) => {
    setDraft(next);
    save.reset();
  };
  const names = new Map(project.repositories.map(({ id, name, owner }) => [id, `${owner}/${name}`]));
  const nameOf = (id: string): string => names.get(id) ?? "a repository that you don’t see";
  const knot = circular(shown);
  return (
    <form
      className="mt-2 flex flex-col gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (change !== null) save.mutate(change);
      }}
    >
      <DeliveryChoice
        name={`delivery-${project.id}`}
        value={shown.delivery}
        disabled={refusal !== null}
        onChange={(delivery) => edit({ ...shown, delivery })}
      />
      {shown.repositories.length === 0 ? (
        project.hiddenRepositoryCount === 0 && <p className="text-muted">This project has no repository yet.</p>
      ) : (
        <ul className="overflow-hidden rounded-lg border border-line">
          {shown.repositories.map((each) => (
            <RepositoryFields
              key={each.repositoryId}
              repository={each}
              others={shown.repositories.map(({ repositoryId }) => repositoryId)}
              nameOf={nameOf}
              readOnly={refusal !== null}
              onChange={(fields) => edit(withRepository(shown, each.repositoryId, fields))}
            />
          ))}
        </ul>
      )}
      <HiddenRepositories count={project.hiddenRepositoryCount} />
      {knot.length > 0 && (
        <p role="alert" className="flex items-start gap-2 text-amber">
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          {knot.map(nameOf).join(", ")} depend on each other: a run over them stops until a person orders them.
        </p>
      )}
      {save.isError && <Failure error={save.error} kept="Nothing was saved; what you changed is kept here." />}
      {refusal === null ? (
        <SaveBar
          isChanged={change !== null}
          isBusy={save.isPending}
          isSaved={save.isSuccess}
          onDiscard={() => setDraft(null)}
        />
      ) : (
        <p className="text-muted">Changing these: {refusal}</p>
      )}
    </form>
  );
}

const deliveries: readonly { value: ProjectDelivery["delivery"]; label: string; hint: string }[] = [
  {
    value: "all_or_none",
    label: "All or none",
    hint: "A repository that is rejected ends the run: nothing is written anywhere.",
  },
  {
    value: "lane_by_lane",
    label: "Each by itself",
    hint: "A repository that is rejected is left out; the approved ones are written.",
  },
];

interface DeliveryChoiceProps {
  readonly name: string;
  readonly value: ProjectDelivery["delivery"];
  readonly disabled: boolean;
  readonly onChange: (value: ProjectDelivery["delivery"]) => void;
}

function DeliveryChoice({ name, value, disabled, onChange }: DeliveryChoiceProps) {
  return (
    <fieldset disabled={disabled}>
      <legend className="text-xs font-medium text-soft">Runs over several repositories</legend>
      <div className="mt-1 grid gap-2 sm:grid-cols-2">
        {deliveries.map((each) => (
          <label
            key={each.value}
            className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line px-3 py-2 has-checked:border-lime-line has-checked:bg-lime-soft has-disabled:cursor-default"
          >
            <input
              type="radio"
              name={name}
              className="mt-0.5 size-4 shrink-0 accent-(--lime)"
              checked={value === each.value}
              onChange={() => onChange(each.value)}
            />
            <span>
              <span className="font-medium">{each.label}</span>
              <span className="block text-xs text-muted">{each.hint}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
