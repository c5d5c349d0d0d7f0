import type { Actor } from "../kernel/actor.ts";
import { ForbiddenError } from "../kernel/errors.ts";

/** What people may do, and which roles may do it: the one table that server and screens read. */
export const PERMISSIONS = {
  "agents.read": ["analyst", "approver", "compliance", "auditor", "admin"],
  "agents.register": ["admin"],
  "agents.contain": ["analyst"],
  "agents.release": ["approver"],
  "alerts.read": ["analyst", "approver", "compliance", "auditor", "admin"],
  "alerts.triage": ["analyst"],
  "approvals.read": ["analyst", "approver", "compliance", "auditor", "admin"],
  "approvals.request": ["analyst", "admin"],
  "approvals.vote": ["approver"],
  "facts.state": ["analyst", "approver", "admin"],
  "facts.attest": ["analyst", "approver", "compliance", "auditor", "admin"],
  "facts.attestCompliance": ["compliance"],
  "facts.attestSecurity": ["analyst"],
  "glass.break": ["analyst", "approver"],
  "glass.review": ["approver", "compliance"],
  "grants.revoke": ["analyst", "approver"],
  "incidents.read": ["analyst", "approver", "compliance", "auditor", "admin"],
  "incidents.work": ["analyst", "compliance"],
  "incidents.determine": ["compliance"],
  "incidents.recordReceipt": ["compliance"],
  "audit.read": ["analyst", "approver", "compliance", "auditor", "admin"],
  "audit.verify": ["analyst", "compliance", "auditor", "admin"],
  "audit.export": ["compliance", "auditor"],
  "learning.propose": ["analyst", "admin"],
  "learning.decide": ["approver", "admin"],
  "maintenance.plan": ["analyst", "admin"],
  "maintenance.decide": ["approver"],
  "maintenance.end": ["analyst", "approver", "admin"],
  "policy.change": ["admin"],
  "policy.decide": ["admin", "compliance"],
  "rules.change": ["analyst", "admin"],
  "rules.decide": ["approver", "compliance"],
  "trust.override": ["analyst", "admin"],
  "trust.decide": ["approver"],
  "trust.end": ["analyst", "approver", "admin"],
  "authorities.manage": ["admin"],
  "users.manage": ["admin"],
  "integrations.manage": ["admin"],
} as const satisfies Record<string, readonly Role[]>;

export const ROLES = ["analyst", "approver", "compliance", "auditor", "admin"] as const;
export type Role = (typeof ROLES)[number];
export type Permission = keyof typeof PERMISSIONS;

/** Whether one of these roles carries the permission. No role is exempt from a second person. */
export function permits(roles: readonly string[], permission: Permission): boolean {
  const allowed: readonly string[] = PERMISSIONS[permission];
  return roles.some((role) => allowed.includes(role));
}

/**
 * The first line of every verb: the actor may do this, or nothing happens. Vigil's own duties may do all.
 *
 * @throws ForbiddenError `not_permitted`, naming the permission and who holds it.
 */
export function requirePermission(actor: Actor, permission: Permission): void {
  if (actor.type === "system") return;
  if (actor.type === "operator" && permits(actor.roles, permission)) return;
  throw new ForbiddenError(
    "not_permitted",
    `This needs the permission ${permission}, which the roles ${PERMISSIONS[permission].join(", ")} have. Ask an administrator.`,
    { permission },
  );
}
