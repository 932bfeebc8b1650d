import { createHash } from "node:crypto";
import type { PullFile } from "../../contracts/review.ts";
import { reviewHash } from "../../domain/review/document.ts";
import { PortError } from "../../worker/ports/errors.ts";
import type { ForgePullDetails, ForgeReview } from "../../worker/ports/forge.ts";
import type { createWriteGate } from "../../worker/services/patch-set/write-gate.ts";
import { baseCommit } from "./fake-sandbox.ts";
import { firstHead } from "./run-start.ts";
import { must } from "./violation.ts";
import type { World } from "./world.ts";

type Writer = Parameters<typeof createWriteGate>[0]["writer"];
type ApprovedReview = Parameters<Writer["postReview"]>[1];

/** The pull request of a review's history: somebody pushes to it, closes it and opens it again; reviews are kept on it. */
export class FakePull {
  readonly #world: World;
  head = firstHead;
  isOpen = true;
  #pushes = 0;
  /** Posted reviews by their marker. */
  readonly reviews = new Map<string, ForgeReview & { readonly hash: string; readonly commit: string }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The pull request now; in troubled times its author does something first. */
  read(): ForgePullDetails {
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

  /** What it changes: another line with every push. */
  files(): readonly PullFile[] {
    const from = 1 + (this.#pushes % 3);
    const patch = `@@ -${from} +${from} @@\n-a\n+${this.head}`;
    return [{ path: "src/a.txt", previousPath: null, status: "modified", additions: 1, deletions: 1, patch }];
  }

  find(commit: string, marker: string): ForgeReview | undefined {
    const found = this.reviews.get(marker);
    return found?.commit === commit ? found : undefined;
  }

  /** Keeps an approved review, as the forge does: whole, at the head, once. */
  post({ hash, repositoryId, review }: ApprovedReview, marker: string): ForgeReview {
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
    const known = this.find(review.commit, marker);
    if (known !== undefined) return known;
    const shown = this.files()[0]?.patch?.match(/\+(\d+) @@/u)?.[1];
    if (review.comments.some(({ line, path }) => path !== "src/a.txt" || String(line) !== shown))
      throw new PortError("forge", "permanent", "unprocessable", "Line could not be resolved", { status: 422 });
    const id = String(this.reviews.size + 1);
    const posted = { id, url: `https://forge.example/pull/7#${id}`, hash, commit: review.commit };
    this.reviews.set(marker, posted);
    must(this.reviews.size === 1, "one-review", () => `${this.reviews.size} reviews stand`);
    return posted;
  }

  #push(): void {
    this.#world.fault("pull request pushed to");
    this.#pushes += 1;
    this.head = createHash("sha1").update(`push ${this.#pushes}`).digest("hex");
  }
}
