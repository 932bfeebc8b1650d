import type { Role } from "../../contracts/roles.ts";
import { roleMay, type PermissionName } from "../../domain/tenancy/permissions.ts";

/** A thing that the palette offers to do, and where it leads. */
interface Offer {
  readonly label: string;
  /** The words that find it. */
  readonly value: string;
  readonly permission: PermissionName;
  readonly link: { readonly to: "/board" | "/settings/projects"; readonly search: { readonly new: string } };
}

const offers: readonly Offer[] = [
  {
    label: "New ticket",
    value: "new ticket create",
    permission: "ticket.create",
    link: { to: "/board", search: { new: "1" } },
  },
  {
    label: "New project",
    value: "new project create",
    permission: "project.create",
    link: { to: "/settings/projects", search: { new: "1" } },
  },
];

/** The offers of which a person of this role may do each, by the table that the Worker enforces. */
export function offersFor(role: Role): readonly Offer[] {
  return offers.filter(({ permission }) => roleMay(role, permission));
}
