import { describe, expect, test } from "vitest";
import type { Model } from "../../../contracts/model.ts";
import type { Project } from "../../../contracts/project.ts";
import type { Run } from "../../../contracts/run.ts";
import { resolveChoices } from "../../../web/features/command-center/choices.ts";
import { draftOfRun, emptyDraft, type Draft } from "../../../web/features/command-center/draft.ts";
import { toggledRepositories } from "../../../web/features/command-center/repositories.ts";
import { startRequest } from "../../../web/features/command-center/start-request.ts";

const names = ["units", "app", "docs"];
const project: Project = {
  id: "1",
  key: "LIME",
  name: "Lime",
  description: "",
  createdAtMs: 1,
  archivedAtMs: null,
  hasHadTickets: false,
  repositories: names.map((name, index) => ({
    id: String(index + 1),
    owner: "lime",
    name,
    defaultBranch: "main",
    description: null,
    isPrivate: false,
    primaryLanguage: null,
    url: `https://forge.example/lime/${name}`,
  })),
  hiddenRepositoryCount: 0,
};
const model: Model = {
  id: "model-1",
  provider: "anthropic",
  name: "Model 1",
  agent: "Claude",
  available: true,
  reason: null,
  isDefault: true,
  enabled: true,
  origin: "list",
  price: null,
  contextTokens: null,
  retirement: null,
};

function choicesOf(fields: Partial<Draft>, of: Project = project) {
  const draft = { ...emptyDraft(), ...fields };
  const choices = resolveChoices(draft, [of], [model]);
  const request = startRequest({ draft, choices, ticketId: undefined, pullRequestNumber: undefined, prompt: "Do it." });
  return { choices, request };
}

describe("repositories of a run", () => {
  test("one is sent as it always was, with its base branch", () => {
    const { choices, request } = choicesOf({ repositoryIds: ["2"], baseBranch: "next" });
    expect(choices.repository?.name).toBe("app");
    expect(request).toMatchObject({ repositoryId: "2", baseBranch: "next" });
    expect(request).not.toHaveProperty("repositoryIds");
  });

  test("several are sent together, in the project's order, without a base branch", () => {
    const { choices, request } = choicesOf({ repositoryIds: ["3", "1"], baseBranch: "next" });
    expect(choices.repository).toBeNull();
    expect(request).toMatchObject({ repositoryIds: ["1", "3"] });
    expect(request).not.toHaveProperty("repositoryId");
    expect(request).not.toHaveProperty("baseBranch");
  });

  test("the agent's choice names none", () => {
    const { request } = choicesOf({ repositoryIds: ["1"], chooseRepositories: true });
    expect(request).toMatchObject({ chooseRepositories: true });
    expect(request).not.toHaveProperty("repositoryId");
  });

  test("a review and a project of one repository have exactly one", () => {
    expect(choicesOf({ mode: "review", repositoryIds: ["2", "3"], chooseRepositories: true }).request).toMatchObject({
      repositoryId: "2",
    });
    const single = { ...project, repositories: project.repositories.slice(0, 1) };
    expect(choicesOf({ chooseRepositories: true }, single).request).toMatchObject({ repositoryId: "1" });
  });

  test("a draft that names none, or one that is gone, means the first", () => {
    expect(choicesOf({}).request).toMatchObject({ repositoryId: "1" });
    expect(choicesOf({ repositoryIds: ["99"] }).request).toMatchObject({ repositoryId: "1" });
  });

  test("a project without repositories starts nothing", () => {
    const { choices, request } = choicesOf({}, { ...project, repositories: [] });
    expect(request).toBeNull();
    expect(choices.refusal).toBe("Lime has no repository yet.");
    const hidden = choicesOf({}, { ...project, repositories: [], hiddenRepositoryCount: 3 });
    expect(hidden.choices.refusal).toContain("3 more repositories of this project are private");
  });

  test("a click adds or removes one; the last one stays", () => {
    const { choices } = choicesOf({ repositoryIds: ["2"] });
    expect(toggledRepositories(choices, "1")).toEqual(["1", "2"]);
    expect(toggledRepositories(choices, "2")).toEqual(["2"]);
    expect(toggledRepositories(choicesOf({ repositoryIds: ["1", "2"] }).choices, "1")).toEqual(["2"]);
  });
});

describe("a run that is started once more", () => {
  const lane = (id: string, isChosen: boolean): Run["repositories"][number] => ({
    ...{ repositoryId: id, owner: "lime", name: names[Number(id) - 1] ?? "", folder: id, baseBranch: "main" },
    ...{ baseCommit: null, isChosen, status: "no_changes", pullRequest: null },
  });
  const run: Run = {
    ...{ id: "7", projectId: "1", ticketId: null, title: "T", mode: "implement", state: "DONE", stage: null },
    ...{ prompt: "Do it.", provider: "anthropic", model: "model-1", effort: null, cause: null, pullRequest: null },
    repository: { id: "1", owner: "lime", name: "units", baseBranch: "next", baseCommit: null },
    repositories: [lane("1", true), lane("2", false), lane("3", true)],
    startedBy: { kind: "system", name: "test" },
    ...{ createdAtMs: 1, updatedAtMs: 1, finishedAtMs: 1, costMicros: 0, inputTokens: 0, outputTokens: 0, headSeq: 9 },
  };

  test("has all the repositories that it worked on, and none that was left out", () => {
    expect(choicesOf(draftOfRun(run, [])).request).toMatchObject({ repositoryIds: ["1", "3"] });
    const alone = { ...run, repositories: [lane("1", true)] };
    expect(choicesOf(draftOfRun(alone, [])).request).toMatchObject({ repositoryId: "1", baseBranch: "next" });
  });
});

describe("an archived project", () => {
  const archived = { ...project, archivedAtMs: 5 };
  const other = { ...project, id: "2", name: "Other" };

  test("is no choice, and a draft that named it falls to an open one", () => {
    const {
      project: chosen,
      projects,
      refusal,
    } = resolveChoices({ ...emptyDraft(), projectId: "1" }, [archived, other], [model]);
    expect([chosen?.id, projects.map(({ id }) => id), refusal]).toEqual(["2", ["2"], null]);
  });

  test("keeps the work on its own tickets and runs, and refuses it with the reason", () => {
    const draft = { ...emptyDraft(), projectId: "1" };
    const { project: chosen, refusal } = resolveChoices(draft, [archived, other], [model], "1");
    expect(chosen?.id).toBe("1");
    expect(refusal).toBe("Lime is archived and starts no run. Unarchive it first.");
  });

  test("is told apart from no project at all", () => {
    expect(resolveChoices(emptyDraft(), [archived], [model]).refusal).toContain("Every project is archived");
    expect(resolveChoices(emptyDraft(), [], [model]).refusal).toBe("There is no project yet.");
  });
});
