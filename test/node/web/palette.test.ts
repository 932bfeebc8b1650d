import { expect, test } from "vitest";
import { roles } from "../../../contracts/roles.ts";
import { permissions, roleMay } from "../../../domain/tenancy/permissions.ts";
import { offersFor } from "../../../web/app/palette-offers.ts";

test.each(roles)("the palette offers a %s what the Worker lets them do, and nothing else", (role) => {
  const labels = offersFor(role).map(({ label }) => label);
  expect(labels.includes("New ticket")).toBe(roleMay(role, "ticket.create"));
  expect(labels.includes("New project")).toBe(roleMay(role, "project.create"));
  for (const { permission } of offersFor(role)) expect(roleMay(role, permission)).toBe(true);
});

test("the palette's offers name permissions of the one table", () => {
  for (const { permission } of offersFor("admin")) expect(permissions).toHaveProperty([permission]);
  expect(offersFor("qa")).toEqual([]);
});
