import { createHash } from "node:crypto";
import type { PullFile } from "../../contracts/review.ts";
import { reviewHash } from "../../domain/review/document.ts";
import { PullUnderReview, type PostedReview } from "../fakes/forge/pull-under-review.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { ForgePullDetails } from "../../worker/ports/forge.ts";
import { baseCommit } from "../fakes/run-start.ts";
import { firstHead } from "./run-start.ts";
import { must } from "./violation.ts";
import type { World } from "./world.ts";

type ApprovedReview = Parameters<PullUnderReview["post"]>[0];

/** The pull request of a review's history: its author pushes to it, closes it and opens it again; reviews are kept on it. */
export class FakePull extends PullUnderReview {
  readonly #world: World;
  head = firstHead;
  isOpen = true;
  #pushes = 0;

  constructor(world: World) {
    super();
    this.#world = world;
  }

  /** The pull request now; in troubled times its author does something first. */
  override read(): ForgePullDetails {
    const { chance, troubles } = this.#world;
    if (!this.isOpen && (troubles.forge === 0 || chance.happens(0.5))) this.isOpen = true;
    else if (troubles.forge > 0 && chance.happens(troubles.forge / 2)) this.#push();
    else if (troubles.forge > 0 && chance.happens(troubles.forge / 6)) {
      this.#world.fault("pull request closed");
      this.isOpen = false;
    }
    return {
      number: 7,
      url: "https://forge.example/pull/7",
      state: this.isOpen ? "open" : "closed",
      merged: false,
      headBranch: "topic",
      headCommit: this.head,
      baseBranch: "main",
      baseCommit,
      title: "Change",
      body: "Please.",
      author: "grace",
    };
  }

  /** The files that it changes: another line with every push. */
  override files(): readonly PullFile[] {
    const from = 1 + (this.#pushes % 3);
    const patch = `@@ -${from} +${from} @@\n-a\n+${this.head}`;
    return [{ path: "src/a.txt", previousPath: null, status: "modified", additions: 1, deletions: 1, patch }];
  }

  /** Keeps an approved review, as the forge does: whole, at the head, once. */
  override post(approved: ApprovedReview, marker: string): PostedReview {
    const { hash, repositoryId, review } = approved;
    must(
      reviewHash(repositoryId, review) === hash && marker.includes(hash),
      "no-write-without-approval",
      () => `the review's bytes are not those of ${hash.slice(0, 8)}`,
    );
    must(
      this.isOpen && review.commit === this.head && review.pullRequestNumber === 7,
      "posts-at-the-head",
      () => `${review.commit} where the head is ${this.head}`,
    );
    const shown = this.files()[0]?.patch?.match(/\+(\d+) @@/u)?.[1];
    const isShown = review.comments.every(({ line, path }) => path === "src/a.txt" && String(line) === shown);
    if (this.find(review.commit, marker) === undefined && !isShown)
      throw new PortError("forge", "permanent", "unprocessable", "Line could not be resolved", { status: 422 });
    const posted = super.post(approved, marker);
    must(this.reviews.length === 1, "one-review", () => `${this.reviews.length} reviews stand`);
    return posted;
  }

  #push(): void {
    this.#world.fault("pull request pushed to");
    this.#pushes += 1;
    this.head = createHash("sha1").update(`push ${this.#pushes}`).digest("hex");
  }
}
