import { roles, type Role } from "../../contracts/roles.ts";

/** The scopes of an API key; each includes those before it. */
export const keyScopes = ["read", "write", "admin"] as const;
export type KeyScope = (typeof keyScopes)[number];

/** The demands of one permission. */
interface Permission {
  /** The least role that a person needs. */
  readonly role: Role;
  /** The scope that an API key needs; null: only a person may do it, no key, rule, run or sweep. */
  readonly scope: KeyScope | null;
  /** Whether an assistant may do it through the MCP server. Nothing that approves, spends without a run, or gives rights. */
  readonly assistant: boolean;
}

/**
 * Every permission of the product, once: the Worker enforces this table, the pages ask it what to offer, and the role tests
 * are generated from it.
 */
export const permissions = {
  "tenant.read": { role: "viewer", scope: "read", assistant: true },
  "project.read": { role: "viewer", scope: "read", assistant: true },
  "project.create": { role: "pm", scope: "write", assistant: false },
  "project.update": { role: "pm", scope: "write", assistant: false },
  "budget.read": { role: "viewer", scope: "read", assistant: true },
  "budget.update": { role: "pm", scope: "write", assistant: false },
  "ticket.read": { role: "viewer", scope: "read", assistant: true },
  "ticket.create": { role: "dev", scope: "write", assistant: true },
  "ticket.edit": { role: "dev", scope: "write", assistant: true },
  "ticket.move": { role: "qa", scope: "write", assistant: true },
  "view.save": { role: "viewer", scope: null, assistant: false },
  "view.manage": { role: "admin", scope: null, assistant: false },
  "comment.write": { role: "qa", scope: "write", assistant: true },
  "comment.manage": { role: "admin", scope: "admin", assistant: false },
  "repository.read": { role: "viewer", scope: "read", assistant: true },
  "connector.read": { role: "viewer", scope: "read", assistant: false },
  "connector.manage": { role: "admin", scope: null, assistant: false },
  "model.read": { role: "viewer", scope: "read", assistant: true },
  "model.manage": { role: "admin", scope: "admin", assistant: false },
  "provider_key.manage": { role: "admin", scope: null, assistant: false },
  "instruction.read": { role: "viewer", scope: "read", assistant: true },
  "instruction.update_tenant": { role: "admin", scope: "admin", assistant: false },
  "instruction.update_project": { role: "pm", scope: "write", assistant: false },
  "upload.create": { role: "qa", scope: "write", assistant: false },
  "upload.read": { role: "viewer", scope: "read", assistant: false },
  "run.read": { role: "viewer", scope: "read", assistant: true },
  "run.start": { role: "dev", scope: "write", assistant: true },
  "run.start_review": { role: "qa", scope: "write", assistant: true },
  "run.steer": { role: "dev", scope: "write", assistant: true },
  "run.steer_review": { role: "qa", scope: "write", assistant: true },
  "run.set_limits": { role: "dev", scope: "write", assistant: false },
  "run.choose_repositories": { role: "dev", scope: "write", assistant: false },
  "run.retry_effects": { role: "admin", scope: "admin", assistant: false },
  "pull_request.close": { role: "dev", scope: null, assistant: false },
  "patch_set.decide": { role: "dev", scope: null, assistant: false },
} as const satisfies Readonly<Record<string, Permission>>;

export type PermissionName = keyof typeof permissions;
export const permissionNames = Object.keys(permissions) as readonly PermissionName[];

/** Whether a role may do this: `viewer < qa < dev < pm < admin`. */
export function roleMay(role: Role, permission: PermissionName): boolean {
  return roles.indexOf(role) >= roles.indexOf(permissions[permission].role);
}

/** Whether a key with these scopes may do this: `read < write < admin`. */
export function keyMay(scopes: readonly KeyScope[], permission: PermissionName): boolean {
  const { scope } = permissions[permission];
  return scope !== null && scopes.some((held) => keyScopes.indexOf(held) >= keyScopes.indexOf(scope));
}

/** Whether only a person may do this. */
export function isPersonal(permission: PermissionName): boolean {
  return permissions[permission].scope === null;
}

/** Why a person of this role may not do this, in one sentence, or null when they may. */
export function roleRefusal(role: Role, permission: PermissionName): string | null {
  if (roleMay(role, permission)) return null;
  return `This needs the role ${permissions[permission].role} or above; yours is ${role}.`;
}
