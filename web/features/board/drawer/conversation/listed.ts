import type { Comment, CommentVersion } from "../../../../../contracts/ticket-parts.ts";
import type { ApiError } from "../../../../lib/api.ts";

/** A comment of this page on its way to the server. */
export interface Sending {
  /** Makes one comment of it, however often it is sent. */
  readonly key: string;
  readonly body: string;
  readonly authorId: string;
  /** The newest comment that was shown when it was sent: it is a later one. */
  readonly after: number;
  /** Why it was not sent; null while it is on its way. */
  readonly error: ApiError | null;
}

/** A comment whose text its author is changing; `seen` is the one from which they began. */
export interface CommentEdit {
  readonly text: string;
  readonly seen: Comment;
  readonly saving: boolean;
  /** The text that was saved from elsewhere meanwhile. */
  readonly other: CommentVersion | null;
  readonly error: ApiError | null;
}

interface CommentPage {
  readonly items: readonly Comment[];
}

/** Those on their way that the list does not have yet: a live change may bring a comment before the answer does. */
export function stillSending(comments: readonly Comment[], sending: readonly Sending[]): readonly Sending[] {
  return sending.filter(
    ({ after, authorId, body }) =>
      !comments.some(
        ({ author, id, ...comment }) =>
          Number(id) > after && comment.body === body && author.kind === "person" && author.id === authorId,
      ),
  );
}

/** The pages with a comment as the server has it now: in its place, or first where it is new. */
export function withComment<Page extends CommentPage>(pages: readonly Page[], comment: Comment): Page[] {
  const isKnown = pages.some(({ items }) => items.some(({ id }) => id === comment.id));
  return pages.map((page, index) => {
    if (isKnown) return { ...page, items: page.items.map((each) => (each.id === comment.id ? comment : each)) };
    const items = index === 0 ? [comment, ...page.items] : page.items;
    return { ...page, items: items.toSorted((one, other) => Number(other.id) - Number(one.id)) };
  });
}
