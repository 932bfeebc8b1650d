import type { QueryClient } from "@tanstack/react-query";
import type { Ticket } from "../../../../../contracts/project.ts";
import type { Attachment } from "../../../../../contracts/ticket-parts.ts";
import { api, bodyOf, done } from "../../../../lib/api.ts";
import { attachmentsQuery } from "../../../../lib/ticket-queries.ts";
import { UploadQueue } from "../../../../lib/upload-queue.ts";
import { attachFile, fileProblem } from "../../../../lib/uploads.ts";
import { fileLimit } from "../../../../lib/vocabulary.ts";
import { Removals } from "./removals.ts";

type TicketName = Pick<Ticket, "id" | "key">;

/** Files that are being attached to tickets and deleted from them. Those on their way go on when the drawer closes. */
export class BoardFiles {
  readonly #queryClient: QueryClient;
  readonly #tell: (ticket: TicketName, reason: string) => void;
  readonly #queues = new Map<string, UploadQueue<Attachment>>();

  readonly removals = new Removals<Attachment>({
    remove: ({ id }) => done(api.DELETE("/api/attachments/{id}", { params: { path: { id } } })),
    restore: async ({ id }) =>
      this.#take(await bodyOf(api.POST("/api/attachments/{id}/restore", { params: { path: { id } } }))),
  });

  constructor(queryClient: QueryClient, tell: (ticket: TicketName, reason: string) => void) {
    this.#queryClient = queryClient;
    this.#tell = tell;
  }

  /** The files that are on their way to a ticket. */
  queueOf(ticket: TicketName): UploadQueue<Attachment> {
    const known = this.#queues.get(ticket.id);
    if (known !== undefined) return known;
    const queue = new UploadQueue<Attachment>({
      problem: fileProblem,
      send: (file, sent) => attachFile(ticket.id, file, sent),
      onMade: (file) => void this.#take(file),
      onFault: (file, reason) => this.#tell(ticket, `${file.name}: ${reason}`),
      leftOutWords: `A ticket may have at most ${fileLimit} files; the rest was left out. Delete one first.`,
    });
    this.#queues.set(ticket.id, queue);
    return queue;
  }

  /** Shows a file as the server has it. An answer to an older question must not come after it. */
  async #take(file: Attachment): Promise<void> {
    const { queryKey } = attachmentsQuery(file.ticketId);
    await this.#queryClient.cancelQueries({ queryKey });
    this.#queryClient.setQueryData(queryKey, (known) => known && [...known.filter(({ id }) => id !== file.id), file]);
    void this.#queryClient.invalidateQueries({ queryKey });
  }
}
