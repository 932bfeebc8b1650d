import type { ProjectDelivery } from "../../../../contracts/delivery.ts";

type Repository = ProjectDelivery["repositories"][number];

/** The most characters of a test command. */
export const maxTestCommand = 1000;

/** The delivery as a form holds it: an empty test command means that it is found by itself. */
export interface DeliveryDraft {
  readonly delivery: ProjectDelivery["delivery"];
  readonly repositories: readonly (Omit<Repository, "testCommand"> & { readonly testCommand: string })[];
}

export function draftOf({ delivery, repositories }: ProjectDelivery): DeliveryDraft {
  return { delivery, repositories: repositories.map((each) => ({ ...each, testCommand: each.testCommand ?? "" })) };
}

/** The draft with one repository changed. */
export function withRepository(
  draft: DeliveryDraft,
  repositoryId: string,
  fields: { readonly testCommand?: string; readonly dependsOn?: string[] },
): DeliveryDraft {
  const repositories = draft.repositories.map((each) =>
    each.repositoryId === repositoryId ? { ...each, ...fields } : each,
  );
  return { ...draft, repositories };
}

/** The request that saves the draft: the delivery and the repositories that differ from what is stored; null when nothing does. */
export function changeOf(stored: ProjectDelivery, draft: DeliveryDraft): ProjectDelivery | null {
  const repositories = draft.repositories.flatMap(({ dependsOn, repositoryId, testCommand }) => {
    const before = stored.repositories.find((each) => each.repositoryId === repositoryId);
    const command = testCommand.trim() === "" ? null : testCommand.trim();
    const isSame =
      before !== undefined &&
      before.testCommand === command &&
      before.dependsOn.toSorted().join() === dependsOn.toSorted().join();
    return isSame ? [] : [{ repositoryId, dependsOn, testCommand: command }];
  });
  return repositories.length === 0 && draft.delivery === stored.delivery
    ? null
    : { delivery: draft.delivery, repositories };
}

/** Repositories that depend on themselves through the others, in the draft's order; runs over them stop until a person orders them. */
export function circular({ repositories }: DeliveryDraft): readonly string[] {
  const next = new Map(repositories.map(({ dependsOn, repositoryId }) => [repositoryId, dependsOn]));
  const reaches = (from: string): boolean => {
    const seen = new Set<string>();
    const open = [...(next.get(from) ?? [])];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (id === from) return true;
      if (seen.has(id)) continue;
      seen.add(id);
      open.push(...(next.get(id) ?? []));
    }
    return false;
  };
  return repositories.map(({ repositoryId }) => repositoryId).filter(reaches);
}
