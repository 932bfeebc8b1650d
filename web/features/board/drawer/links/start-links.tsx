import { Link } from "@tanstack/react-router";
import { Bug, Hammer, ListTree, SearchCheck, type LucideIcon } from "lucide-react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { modeOfTicket, modes } from "../../../../../domain/run/modes.ts";
import { roleMay } from "../../../../../domain/tenancy/permissions.ts";
import { buttonClass } from "../../../../components/ui/button.tsx";
import { useMe } from "../../../../lib/me.ts";
import { isOpen } from "../../../../lib/projects.ts";
import type { StartableMode } from "../../../../lib/vocabulary.ts";
import { useBoardParts } from "../../parts.ts";
import { useBoardRefusal } from "../../refusal.ts";
import { useBoard } from "../../store.ts";

interface Offer {
  readonly mode: StartableMode;
  readonly icon: LucideIcon;
  readonly label: string;
}

/** The modes that a ticket offers, in their order. */
const offers: readonly Offer[] = [
  { mode: "plan", icon: ListTree, label: "Plan" },
  { mode: "implement", icon: Hammer, label: "Implement" },
  { mode: "bugfix", icon: Bug, label: "Fix" },
  { mode: "review", icon: SearchCheck, label: "Review" },
];

/** Links that start a run on a ticket in the Command Center, one for each mode that the person may start. */
export function StartLinks({ ticket }: { ticket: Ticket }) {
  const { role } = useMe();
  const refusal = useBoardRefusal("run.start");
  const { store } = useBoardParts();
  const open = useBoard(store, ({ model }) => isOpen(model.project));
  const suggested = modeOfTicket(ticket.type);
  const allowed = offers.filter(({ mode }) => open && roleMay(role, modes[mode].permissions.start));
  if (allowed.length === 0) return <p className="text-xs text-muted">Starting a run: {refusal}</p>;
  return allowed.map(({ icon: Icon, label, mode }) => (
    <Link
      key={mode}
      to="/"
      search={{ ticket: ticket.id, mode }}
      className={buttonClass(mode === suggested ? "primary" : "secondary")}
    >
      <Icon className="size-4" aria-hidden />
      {label}
    </Link>
  ));
}
