import type { TransferFormat } from "../../../../contracts/ticket-transfer-names.ts";
import { asApiError, send } from "../../../lib/api.ts";
import { toast } from "../../../lib/toast.ts";

/** Saves a project's tickets as a file. The server names it; a failure is told, and nothing is saved then. */
export async function exportTickets(projectId: string, format: TransferFormat): Promise<void> {
  try {
    const path = `/api/projects/${encodeURIComponent(projectId)}/tickets/export?format=${format}`;
    const response = await send(new Request(path, { headers: { accept: "*/*" } }));
    const [, name = `tickets.${format}`] =
      /filename="([^"]+)"/u.exec(response.headers.get("content-disposition") ?? "") ?? [];
    save(await response.blob(), name);
  } catch (error) {
    toast({
      id: "ticket-export",
      title: "The tickets were not exported",
      detail: asApiError(error).message,
      action: { label: "Try again", run: () => void exportTickets(projectId, format) },
    });
  }
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the address by the time of the next turn.
  setTimeout(() => URL.revokeObjectURL(link.href));
}
