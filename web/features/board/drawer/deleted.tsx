import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import type { DeletedTicket } from "../model/changes.ts";
import { useBoardParts } from "../parts.ts";
import { useBoardRefusal } from "../refusal.ts";

/** In the drawer of a ticket that is not on the board: it was deleted, here or elsewhere, and can be restored. */
export function DeletedNotice({ ticketId, deleted }: { ticketId: string; deleted: DeletedTicket | undefined }) {
  const { writes } = useBoardParts();
  const refusal = useBoardRefusal("ticket.edit");
  const [busy, setBusy] = useState(false);
  const key = deleted?.ticket.key ?? "The ticket";
  const restore = async () => {
    setBusy(true);
    await writes.restore({ id: ticketId, key });
    setBusy(false);
  };
  return (
    <div role="alert" className="m-4 flex flex-col items-start gap-2 rounded-xl border border-line bg-card px-4 py-4">
      <p className="flex items-center gap-2 text-base font-semibold">
        <Trash2 className="size-4 text-muted" aria-hidden />
        {deleted === undefined ? "This ticket is not on the board" : `${key} was deleted`}
      </p>
      {deleted === undefined ? (
        <p className="text-muted">It was deleted, or never was there. A deleted ticket can be restored.</p>
      ) : (
        <p className="text-muted">
          {deleted.by === null ? "It was deleted" : `${deleted.by.name} deleted it`}
          {deleted.atMs !== null && (
            <>
              {" "}
              <TimeAgo atMs={deleted.atMs} />
            </>
          )}
          . Its texts, labels and runs are kept.
        </p>
      )}
      {deleted !== undefined && <p className="font-medium">{deleted.ticket.title}</p>}
      {refusal === null ? (
        <Button look="primary" busy={busy} onClick={() => void restore()}>
          Restore
        </Button>
      ) : (
        <p className="text-xs text-muted">Restoring it: {refusal}</p>
      )}
    </div>
  );
}
