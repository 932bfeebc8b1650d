import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import * as z from "zod";
import type { Run } from "../../contracts/run.ts";
import type { ForgeWrite } from "../../local/forge/types.ts";
import { sampleOwner, sampleRepositories } from "../../local/stack/sample-tickets.ts";
import type { Fixture, ScriptTurn } from "../stack-fixture.ts";
import { heldCommits } from "./held-commits.ts";

const [{ name: library }, { name: report }] = sampleRepositories;
const digest = "lime-digest";
const pullSchema = z.object({ body: z.string() });

/** The sample's library and its consumer, and a second consumer of it, in the seeded project. */
export class ThreeRepositories {
  readonly #fixture: Fixture;
  readonly #repositoryIds: readonly string[];
  #writesBefore = 0;

  private constructor(fixture: Fixture, repositoryIds: readonly string[]) {
    this.#fixture = fixture;
    this.#repositoryIds = repositoryIds;
  }

  /** Brings the third repository into the stack of the fixture. */
  static async bringIn(fixture: Fixture): Promise<ThreeRepositories> {
    const dir = mkdtempSync(path.join(tmpdir(), "lime-digest-"));
    try {
      writeDigest(dir);
      const { id } = await fixture.importRepository(digest, { kind: "directory", path: dir });
      const project = await fixture.client.addRepositories(fixture.target.projectId, [id]);
      // The library comes last here, so that the order in the end can only come from the packages.
      return new ThreeRepositories(fixture, project.repositories.map((repository) => repository.id).toReversed());
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** Starts a run over the three whose agent writes a note into each, then takes the turns `behind`. */
  async start(marker: string, behind: readonly ScriptTurn[] = []): Promise<Run> {
    const notes = [library, report, digest].map((name) => ({
      name: "write_file",
      input: { path: `${name}/notes/${marker}.md`, content: `# A note of ${name}\n` },
    }));
    const finish = { name: "finish", input: { title: "Add notes", summary: "A note each.", outcome: "done" } };
    const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
    await this.#fixture.script(marker, [{ toolCalls: notes }, ...behind, { toolCalls: [finish] }]);
    await this.#fixture.script("Diff to review", [{ toolCalls: [review] }]);
    this.#writesBefore = this.#writes().length;
    const { model, projectId } = this.#fixture.target;
    const repositoryIds = [...this.#repositoryIds];
    return this.#fixture.client.startRun({ projectId, model, repositoryIds, mode: "implement", prompt: marker });
  }

  /** Approves the three patch sets that wait, one after the other. */
  async approve({ id }: Run): Promise<void> {
    const waiting = (await this.#fixture.client.patchSets(id)).filter(({ superseded }) => !superseded);
    expect(waiting).toHaveLength(3);
    for (const { baseCommit, hash } of waiting)
      await this.#fixture.client.decide(id, hash, { decision: "approve", baseCommit });
  }

  /**
   * Checks in the forge's own record that each repository got one commit, one branch and one pull request since the start, libraries first, and
   * that each pull request names the other two with the order of merging.
   */
  async checkDelivered(run: Run): Promise<void> {
    const made = this.#writes()
      .slice(this.#writesBefore)
      .filter(({ method, status }) => method === "POST" && status < 300);
    for (const name of [library, report, digest]) {
      const writes = made.filter(({ repository }) => repository === `${sampleOwner}/${name}`);
      const count = (pattern: RegExp): number => writes.filter((write) => pattern.test(write.path)).length;
      expect(heldCommits(writes), `commits of ${name}`).toHaveLength(1);
      expect(count(/\/git\/refs$/u), `branches of ${name}`).toBe(1);
      expect(count(/\/pulls$/u), `pull requests of ${name}`).toBe(1);
    }
    const opened = made.filter((write) => /\/pulls$/u.test(write.path));
    expect(opened[0]?.repository, "the library's pull request opens first").toBe(`${sampleOwner}/${library}`);
    const [first, behind, beside] = ["merge it first", "it waits for this one", "in any order"] as const;
    await this.#checkLinks(run, library, { [report]: behind, [digest]: behind });
    await this.#checkLinks(run, report, { [library]: first, [digest]: beside });
    await this.#checkLinks(run, digest, { [library]: first, [report]: beside });
  }

  /** The forge's record of writes. */
  #writes(): readonly ForgeWrite[] {
    return this.#fixture.stack.forge?.writes() ?? [];
  }

  async #checkLinks(run: Run, name: string, expected: Readonly<Record<string, string>>): Promise<void> {
    const numberOf = (of: string): number | undefined =>
      run.repositories.find((lane) => lane.name === of)?.pullRequest?.number;
    const { forge } = this.#fixture.stack;
    const address = `${forge?.apiUrl ?? ""}/repos/${sampleOwner}/${name}/pulls/${numberOf(name) ?? ""}`;
    const authorization = `Bearer ${(await forge?.createUserToken("lime-dev")) ?? ""}`;
    const response = await fetch(address, { headers: { authorization } });
    const { body } = pullSchema.parse(await response.json());
    const links = [...body.matchAll(/^- (\S+#\d+: .+)$/gmu)].map(([, link = ""]) => link);
    expect(links.toSorted(), `links of ${name}`).toEqual(
      Object.entries(expected)
        .map(([of, order]) => `${sampleOwner}/${of}#${numberOf(of) ?? "none"}: ${order}`)
        .toSorted(),
    );
  }
}

/** Writes the files of the second consumer, with a test that passes. */
function writeDigest(dir: string): void {
  const dependencies = { [library]: "^1.3.0" };
  const manifest = { name: digest, private: true, type: "module", scripts: { test: "node --test" }, dependencies };
  writeFileSync(path.join(dir, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(dir, "README.md"), "# Digest\n");
  mkdirSync(path.join(dir, "test"));
  writeFileSync(path.join(dir, "test/digest.test.js"), 'import { test } from "node:test";\ntest("adds", () => {});\n');
}
