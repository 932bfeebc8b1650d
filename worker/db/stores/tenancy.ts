import { and, asc, eq, sql } from "drizzle-orm";
import type { Database, Statement } from "../client.ts";
import { member, organization, session, user } from "../schema/index.ts";

/** The tenants that a person belongs to, oldest membership first, each beside the person's address. */
export function listTenantsOf(db: Database, userId: number) {
  return db
    .select({
      id: organization.id,
      name: organization.name,
      slug: organization.slug,
      role: member.role,
      email: user.email,
    })
    .from(member)
    .innerJoin(organization, eq(organization.id, member.organizationId))
    .innerJoin(user, eq(user.id, member.userId))
    .where(eq(member.userId, userId))
    .orderBy(asc(member.id));
}

/** True when the person belongs to the tenant. */
export async function isMember(db: Database, tenantId: number, userId: number): Promise<boolean> {
  const rows = await db
    .select({ id: member.id })
    .from(member)
    .where(and(eq(member.organizationId, tenantId), eq(member.userId, userId)))
    .limit(1);
  return rows.length === 1;
}

/** The members of a tenant by name. */
export function listMembers(db: Database, tenantId: number) {
  return db
    .select({ id: user.id, name: user.name, image: user.image, role: member.role })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(eq(member.organizationId, tenantId))
    .orderBy(asc(user.name), asc(user.id));
}

/** Makes a tenant the active one of a session; changes no row unless the session's person belongs to it. */
export function activateTenant(db: Database, tenantId: number, sessionId: number): Statement {
  const belongs = sql`exists (select 1 from ${member} where ${member.organizationId} = ${tenantId} and ${member.userId} = ${session.userId})`;
  return db
    .update(session)
    .set({ activeOrganizationId: tenantId })
    .where(and(eq(session.id, sessionId), belongs));
}
