import { inArray } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { users } from "../../db/schema/index.ts";
import { permits } from "../access/permissions.ts";
import { parseRoles } from "../access/roles.ts";
import type { ReleasePerson } from "./engine/decide-release.ts";

/**
 * The people who bear on a release, as the database has them now.
 *
 * @param lock holds their rows, so that nobody is demoted or disabled while a release counts on them.
 * @returns the person of an id; `unknown` where there is no such account, null for no id.
 */
export async function releasePeople(
  db: Database | Tx,
  ids: readonly (string | null)[],
  lock = false,
): Promise<{ (id: string): ReleasePerson; (id: string | null): ReleasePerson | null }> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const query = db.select().from(users).where(inArray(users.id, wanted)).orderBy(users.id);
  const rows = wanted.length === 0 ? [] : await (lock ? query.for("share") : query);
  const people = new Map(
    rows.map(({ id, email, roles, disabledAt }) => [
      id,
      {
        id,
        email,
        disabled: disabledAt !== null,
        mayRelease: permits(parseRoles(roles), "agents.release"),
      },
    ]),
  );
  function personOf(id: string): ReleasePerson;
  function personOf(id: string | null): ReleasePerson | null;
  function personOf(id: string | null): ReleasePerson | null {
    return id === null ? null : (people.get(id) ?? "unknown");
  }
  return personOf;
}
