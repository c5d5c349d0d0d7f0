import { z } from "zod";
import { PERMISSIONS, type Permission, permits, ROLES, type Role } from "./permissions.ts";

/** A person's roles as the database keeps them: comma-separated. Unknown words carry nothing and are dropped. */
export function parseRoles(text: string | null | undefined): Role[] {
  const known: readonly string[] = ROLES;
  return (text ?? "").split(",").filter((word): word is Role => known.includes(word));
}

/** The stored form: each role once, in the table's order. */
export function formatRoles(roles: readonly Role[]): string {
  return ROLES.filter((role) => roles.includes(role)).join(",");
}

/** Everything these roles may do: for screens, which show only what the verbs would allow. */
export function permissionsOf(roles: readonly string[]): Permission[] {
  return (Object.keys(PERMISSIONS) as Permission[]).filter((permission) => permits(roles, permission));
}

export const rolesInput = z.array(z.enum(ROLES)).min(1).max(ROLES.length);
