import { describe, expect, it } from "vitest";
import { applyEvent, emptyView } from "../../../domain/run/fold.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { ForgeReader, RepositoryRef } from "../../../worker/ports/forge.ts";
import { bindForge, starterId, type RepositoryPlace } from "../../../worker/services/run/engine/bind-forge.ts";
import { upgradeSpec } from "../../../worker/services/run/engine/run-spec.ts";
import { withTreeCache } from "../../../worker/services/patch-set/tree-cache.ts";
import { runCreated, runSpec } from "../../fakes/run-start.ts";
import { HarnessForge } from "./harness/forge.ts";

const moved: RepositoryPlace = { externalId: "11", installationId: "9", owner: "p", name: "m", removedAtMs: null };

/** A forge bound to a run whose repository has this row, and the references that its reads came with. */
function bound(place: RepositoryPlace | undefined, spec = runSpec(), canSee: (userId: number) => boolean = () => true) {
  const visibility: string[] = [];
  const seen: RepositoryRef[] = [];
  const harness = new HarnessForge({ "a.txt": "a" }, []);
  const reader: ForgeReader = {
    ...harness.reader,
    getBranchHead: async (repository) => {
      seen.push(repository);
      return "c".repeat(40);
    },
  };
  const asked: (readonly [number, number])[] = [];
  const forge = bindForge(
    { reader, writeGate: harness.gate },
    {
      spec: () => spec,
      starter: () => 5,
      find: async (tenantId, id) => {
        asked.push([tenantId, id]);
        return place;
      },
      canSee: async (userId, externalId) => {
        visibility.push(`${userId} ${externalId}`);
        return canSee(userId);
      },
    },
  );
  const [repository] = spec.repositories;
  if (repository === undefined) throw new Error("no repository");
  const approval = {
    hash: "h",
    baseCommit: "c",
    decision: "approve",
    by: { id: "6", name: "Grace" },
    atMs: 1,
  } as const;
  const review = { pullRequestNumber: 7, commit: "c", body: "", comments: [], verdict: "comment" } as never;
  return {
    seen,
    asked,
    visibility,
    read: async () => forge.reader.getBranchHead(repository, "main"),
    write: async () => forge.writeGate.review({ repository, review, approval }),
  };
}

describe("a run's forge", () => {
  it("reaches a repository that was renamed and transferred by its id, where it is now", async () => {
    const { asked, read, seen } = bound(moved);
    await read();
    expect(asked).toEqual([[1, 1]]);
    expect(seen).toMatchObject([{ id: "1", externalId: "11", installationId: "9", owner: "p", name: "m" }]);
  });

  it("finds the id of a run that was stored without it by the repository's row", async () => {
    const [stored] = runSpec().repositories;
    if (stored === undefined) throw new Error("no repository");
    const { externalId: _, ...older } = stored;
    const spec = upgradeSpec({ ...runSpec(), repositories: [older] });
    const { read, seen } = bound(moved, spec);
    await read();
    expect(seen).toMatchObject([{ externalId: "11" }]);
  });

  it("refuses a row that is of another repository", async () => {
    const { read, seen } = bound({ ...moved, externalId: "12" });
    await expect(read()).rejects.toMatchObject({ kind: "permanent", code: "wrong_repository" });
    expect(seen).toEqual([]);
  });

  it.each([
    ["removed", { ...moved, removedAtMs: 5 }],
    ["not there", undefined],
  ] as const)("refuses a repository whose row is %s", async (_name, place) => {
    const { read, seen } = bound(place);
    await expect(read()).rejects.toMatchObject({ kind: "permanent", code: "repository_gone" });
    expect(seen).toEqual([]);
  });
});

describe("a run's person", () => {
  const unauthorized = (): boolean => {
    throw new PortError("forge", "permanent", "unauthorized", "no token");
  };

  it("the person who started it is asked for once before anything is read", async () => {
    const { read, seen, visibility } = bound(moved);
    await read();
    await read();
    expect(visibility).toEqual(["5 11"]);
    expect(seen).toHaveLength(2);
  });

  it.each([
    ["can't see the repository any more", () => false, "not_visible"],
    ["has a sign-in that is not accepted", unauthorized, "sign_in_expired"],
  ])("who %s reads nothing", async (_name, sees, code) => {
    const { read, seen } = bound(moved, runSpec(), sees);
    await expect(read()).rejects.toMatchObject({ kind: "permanent", code });
    expect(seen).toEqual([]);
  });

  it.each([
    [{ kind: "person", id: "5", name: "Ada", avatarUrl: null }, 5],
    [{ kind: "api_key", id: "12", name: "nightly", ownerId: "5" }, 5],
    [{ kind: "rule", id: "4", name: "labelled bug" }, null],
    [{ kind: "system", name: "sweep" }, null],
  ] as const)("is the one who answers for the actor that started it: %j", (startedBy, userId) => {
    const created = runCreated({ startedBy });
    const view = applyEvent(emptyView, { ...created, atMs: 1 });
    expect(starterId({ view: () => view })).toBe(userId);
  });

  it("the person who approved must see the repository at each write", async () => {
    const { visibility, write } = bound(moved, runSpec(), (userId) => userId !== 6);
    await expect(write()).rejects.toMatchObject({ kind: "permanent", code: "not_visible" });
    expect(visibility).toEqual(["6 11"]);
  });
});

it("a tree is kept by the repository's id, never by its name", async () => {
  let reads = 0;
  const harness = new HarnessForge({ "a.txt": "a" }, []);
  const cached = withTreeCache({
    ...harness.reader,
    getTree: async () => {
      reads += 1;
      return [];
    },
  });
  const at = { installationId: "1", externalId: "11", owner: "o", name: "n" };
  await cached.getTree(at, "c");
  await cached.getTree({ ...at, name: "renamed" }, "c");
  expect(reads).toBe(1);
  await cached.getTree({ ...at, externalId: "12" }, "c");
  expect(reads).toBe(2);
});
