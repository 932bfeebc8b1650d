import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitMessage } from "../../../domain/text/commit-message.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import { ada } from "../../fakes/run-start.ts";
import { cancelRun, resumeRun } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { laneIn, write } from "./lane-steps.ts";
import { approve, finish, review } from "./scenario.ts";

/*
 * The branch of a run: git keeps no branch inside of another, so `lime` is in the way of `lime/...`; and a commit that was made again
 * has another id, since the forge dates and signs it.
 */
let harness: EngineHarness;
let approvedName: string;
let otherName: string;

beforeEach(() => {
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement");
  approvedName = `lime/run-${harness.journal.spec.runId}-add-not-subtract`;
  otherName = approvedName.replace("/", "-");
});
afterEach(async () => harness.close());

const repository = () => harness.forge.repository;
const view = () => harness.journal.view();
const pull = () => laneIn(harness, "1").pullRequest;
const references = (kind: string) =>
  harness
    .events()
    .flatMap((event) => (event.type === "write.finished" && event.data.kind === kind ? [event.data.reference] : []));

/** Brings the run up to a patch set that a person has approved. */
async function propose(text = "# Two\n"): Promise<void> {
  harness.turns = [[write("w", "README.md", text), finish("f")], [review("r")]];
  await harness.drive();
  expect(laneIn(harness, "1").patchSet?.headBranch).toBe(approvedName);
  approve(harness);
}

/** The next write of this kind is done, and its answer is lost; `then` happens before the run looks again. */
function loseReply(kind: string, then: () => void = () => undefined): void {
  harness.forge.duringWrite = (written) => {
    if (written !== kind) return;
    harness.forge.duringWrite = undefined;
    then();
    throw new PortError("forge", "transient", "timeout", "no answer");
  };
}

describe("a branch of another in the way of the approved name", () => {
  it("is passed by under the other name, which everything later uses", async () => {
    repository().otherBranches.push("lime");
    harness.forge.workflows = ["failure", "success"];
    await propose();
    harness.turns = [[write("w2", "README.md", "# Three\n"), finish("f2")], [review("r2")]];
    await harness.drive();
    expect(references("branch")).toEqual([otherName]);
    const first = pull();
    expect(first).toMatchObject({ branch: otherName, commit: references("commit")[0] });
    // CI was red: the repair goes on top of the same branch, under the name that it has.
    expect(laneIn(harness, "1").patchSet).toMatchObject({
      version: 2,
      headBranch: otherName,
      parentCommit: first?.commit,
    });
    approve(harness);
    await harness.drive();
    expect(view()).toMatchObject({ state: "DONE", cause: null });
    expect([...repository().branches]).toEqual([[otherName, references("commit")[1]]]);
    expect(repository().pulls.map(({ headBranch }) => headBranch)).toEqual([otherName]);
  });

  it.each(["stays", "is deleted before the run looks again"])(
    "and a lost reply leave one branch, also when the other one %s",
    async (fate) => {
      repository().otherBranches.push("lime");
      await propose();
      loseReply("branch", () => {
        if (fate !== "stays") repository().otherBranches.length = 0;
      });
      await harness.drive();
      expect(view().state).toBe("DONE");
      expect([...repository().branches.keys()]).toEqual([otherName]);
      expect(references("branch")).toEqual([otherName]);
      expect(pull()?.branch).toBe(otherName);
    },
  );

  it("and in the way of the other name too asks a person, and the approval is kept", async () => {
    repository().otherBranches.push("lime", `${otherName}/notes`);
    await propose();
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain('"Reference update failed"');
    expect(view().cause).toContain("The approval is kept.");
    expect(repository().branches.size).toBe(0);
    repository().otherBranches.pop();
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toMatchObject({ ok: true });
    await harness.drive();
    expect(view().state).toBe("DONE");
    expect(pull()?.branch).toBe(otherName);
  });

  it("is never the reason to go around a rule of the branch", async () => {
    const words =
      "create the branch: 422 Repository rule violations found Cannot create ref due to creations being restricted.";
    const error = new PortError("forge", "permanent", "invalid_request", words, { status: 422 });
    harness.forge.refused = { kind: "branch", repository: "n", error };
    await propose();
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("creations being restricted");
    expect(repository().branches.size).toBe(0);
  });

  it("is known at a cancel whose write's reply was lost", async () => {
    repository().otherBranches.push("lime");
    await propose();
    loseReply("branch");
    await harness.drive(100, () => repository().branches.size > 0);
    expect(references("branch")).toEqual([]);
    expect(cancelRun(harness.journal, ada)).toEqual({ ok: true });
    await harness.drive();
    expect(view().state).toBe("CANCELLED");
    expect(references("branch")).toEqual([otherName]);
    expect(view().cause).toContain(`Branch ${otherName} of o/n was written`);
  });
});

describe("a commit that the forge made twice", () => {
  it("leaves one that nothing points to, and the run goes on with the other", async () => {
    await propose();
    loseReply("commit");
    await harness.drive();
    expect(view().state).toBe("DONE");
    expect(repository().commits.size).toBe(2);
    expect(repository().pushed).toEqual(references("commit"));
    expect(pull()?.commit).toBe(repository().head(approvedName));
  });

  /** Leaves the trace of an attempt that was not recorded: the same work as a commit of another id, on the run's branch. */
  function leave(
    name: string,
    change: { readonly parent?: string; readonly tree?: string; readonly hash?: string } = {},
  ) {
    const { patchSet } = laneIn(harness, "1");
    const made = [...repository().commits.values()].at(-1);
    if (patchSet === undefined || made === undefined) throw new Error("nothing was made");
    const id = repository().nextCommitId();
    repository().commits.set(id, {
      tree: change.tree ?? made.tree,
      parents: [change.parent ?? made.parents[0] ?? ""],
      message: commitMessage(patchSet, change.hash ?? patchSet.hash, "Ada"),
      authorName: "lime[bot]",
    });
    repository().branches.delete(name);
    repository().createBranch(name, id);
    return id;
  }

  it.each(["approved", "other"])("is the run's own where the branch of the %s name stands at it", async (which) => {
    const name = which === "approved" ? approvedName : otherName;
    await propose();
    let found = "";
    harness.forge.duringWrite = (written) => {
      if (written === "commit") found = leave(name);
    };
    await harness.drive();
    expect(view().state).toBe("DONE");
    expect([...repository().branches]).toEqual([[name, found]]);
    expect(references("commit").at(-1)).toBe(found);
    expect(references("branch")).toEqual([name]);
    expect(pull()).toMatchObject({ branch: name, commit: found });
  });

  it.each([
    ["tree", { tree: "d".repeat(40) }],
    ["parent", { parent: "d".repeat(40) }],
    ["patch set", { hash: "d".repeat(64) }],
  ])("is somebody else's with another %s, and the branch is left as it is", async (_name, change) => {
    await propose();
    let found = "";
    harness.forge.duringWrite = (written) => {
      if (written === "commit") found = leave(approvedName, change);
    };
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("commits that this run did not make");
    expect([...repository().branches]).toEqual([[approvedName, found]]);
    expect(pull()).toBeUndefined();
  });

  it("is the run's own where a repair's branch stands at it", async () => {
    harness.forge.workflows = ["failure", "success"];
    await propose();
    harness.turns = [[write("w2", "README.md", "# Three\n"), finish("f2")], [review("r2")]];
    await harness.drive();
    approve(harness);
    let found = "";
    harness.forge.duringWrite = (written) => {
      if (written === "commit") found = leave(approvedName);
    };
    await harness.drive();
    expect(view().state).toBe("DONE");
    expect(repository().head(approvedName)).toBe(found);
    expect(pull()).toMatchObject({ commit: found });
  });
});

describe("the person who started the run", () => {
  const messages = () => [...repository().commits.values()].map(({ message }) => message);
  const proposedOnly = async () => {
    harness.turns = [[write("w", "README.md", "# Two\n"), finish("f")], [review("r")]];
    await harness.drive();
  };

  it("is the commit's co-author, as the approval has it", async () => {
    await propose();
    expect(laneIn(harness, "1").patchSet?.coAuthors).toEqual([
      { name: "Ada", email: "1+ada@users.noreply.github.com" },
    ]);
    // An address that changes after the approval changes nothing of it.
    harness.noreplyEmail = () => "2+eve@users.noreply.github.com";
    await harness.drive();
    expect(messages()[0]).toMatch(/\nCo-authored-by: Ada <1\+ada@users\.noreply\.github\.com>\n$/u);
  });

  it.each([
    ["gives another address than a public one", () => "ada@example.com"],
    [
      "takes their sign-in no more",
      () => {
        throw new PortError("forge", "permanent", "unauthorized", "no");
      },
    ],
  ])("is not named when the forge %s", async (_name, noreplyEmail) => {
    harness.noreplyEmail = noreplyEmail;
    await propose();
    expect(laneIn(harness, "1").patchSet?.coAuthors).toEqual([]);
    await harness.drive();
    expect(view().state).toBe("DONE");
    expect(messages().join()).not.toMatch(/Co-authored-by|example\.com/u);
  });

  it("is asked for again while the forge does not answer", async () => {
    let asked = 0;
    harness.noreplyEmail = (id) => {
      asked += 1;
      if (asked < 3) throw new PortError("forge", "transient", "timeout", "no answer");
      return `${id}+ada@users.noreply.github.com`;
    };
    await proposedOnly();
    expect(asked).toBe(3);
    expect(laneIn(harness, "1").patchSet?.coAuthors).toHaveLength(1);
  });
});
