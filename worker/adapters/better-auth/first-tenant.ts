import { asc, eq, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { audit, member, organization, user } from "../../db/schema/index.ts";

/**
 * The tenant that a new session of a person is active in: the one that they have belonged to longest. A person without
 * any gets one of their own, named after them, with the role admin. May be called twice at once: the slug is unique.
 *
 * @param userId the person
 * @param nowMs UTC milliseconds
 * @param requestId for the audit row
 * @returns the tenant's id, or undefined when the person does not exist
 */
export async function ensureTenant(
  db: Database,
  userId: number,
  nowMs: number,
  requestId: string,
): Promise<number | undefined> {
  const oldest = db
    .select({ tenantId: member.organizationId })
    .from(member)
    .where(eq(member.userId, userId))
    .orderBy(asc(member.id))
    .limit(1);
  const [existing] = await oldest;
  if (existing !== undefined) return existing.tenantId;
  const slug = `user-${userId}`;
  const actor = `person:${userId}`;
  const tenant = sql`(select ${organization.id} from ${organization} where ${organization.slug} = ${slug})`;
  const [, , , [made]] = await db.batch([
    db
      .insert(organization)
      .select(
        sql`select null, ${user.name}, ${slug}, null, null, ${nowMs} from ${user} where ${user.id} = ${userId}
          and not exists (select 1 from ${member} where ${member.userId} = ${userId})`,
      )
      .onConflictDoNothing({ target: organization.slug }),
    db.insert(member).select(sql`select null, ${tenant}, ${userId}, 'admin', ${nowMs} where changes() = 1`),
    db.insert(audit).select(
      sql`select null, ${tenant}, ${userId}, 'person', ${actor}, null, 'tenant.created', 'tenant:' || ${tenant}, '{}', ${requestId}, ${nowMs}, null
        where changes() = 1`,
    ),
    oldest,
  ]);
  return made?.tenantId;
}
