import { and, gte, inArray, lt } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { agents, auditRecords, users } from "../../../db/schema/index.ts";
import { type DutyAct, type Party, ROLE_DAYS } from "../../layers/authorization/duties-schema.ts";
import type { RoleGift } from "./judge-duties.ts";
import type { Period, RawAct } from "./load-acts.ts";

type Named = { acts: DutyAct[]; emails: Map<string, string> };

/** Acts with their parties by name, as accounts and owners are now. */
export async function nameParties(db: Database, raw: readonly RawAct[]): Promise<Named> {
  const owners = await loadOwners(db);
  const byId = new Map(owners.map((agent) => [agent.id, agent]));
  const byDid = new Map(owners.map((agent) => [agent.did, agent]));
  const people = await loadPeople(db);
  const person = (id: string): Party => {
    const name = people.get(id)?.name;
    return name === undefined ? { id, name: id, kind: "unknown" } : { id, name, kind: "person" };
  };
  const asker = ({ asked, askedType }: RawAct): Party | null => {
    if (asked === null) return null;
    if (askedType === "operator") return person(asked);
    return { id: asked, name: byDid.get(asked)?.name ?? asked, kind: askedType };
  };
  return {
    acts: raw.map((act) => ({
      ...act,
      asked: asker(act),
      decided: act.decided.map(person),
      owners: ownersAbove(byId, act.agentId).map(person),
    })),
    emails: new Map([...people].map(([id, { email }]) => [id, email])),
  };
}

/** Who gave whom which role, from the records, as far back as it counts for an act of the period. */
export async function loadRoleGifts(db: Database, { from, to }: Period): Promise<RoleGift[]> {
  const since = new Date(from.getTime() - ROLE_DAYS * 86_400_000);
  const rows = await db
    .select({ at: auditRecords.at, body: auditRecords.body })
    .from(auditRecords)
    .where(
      and(
        inArray(auditRecords.kind, ["user.created", "user.roles-changed"]),
        gte(auditRecords.at, since),
        lt(auditRecords.at, to),
      ),
    );
  return rows.flatMap(({ at, body }) => {
    const { actor, details } = JSON.parse(body.toString("utf8")) as {
      actor: { type: string; id: string };
      details: { userId: string; from?: string[]; to?: string[]; roles?: string[] };
    };
    const before = details.from ?? [];
    const roles = (details.to ?? details.roles ?? []).filter((role) => !before.includes(role));
    return actor.type === "operator" && roles.length > 0
      ? [{ at, by: actor.id, to: details.userId, roles }]
      : [];
  });
}

type Owned = { id: string; name: string; did: string; parentId: string | null; ownerId: string | null };

function loadOwners(db: Database): Promise<Owned[]> {
  const { id, name, did, parentId, ownerId } = agents;
  return db.select({ id, name, did, parentId, ownerId }).from(agents);
}

async function loadPeople(db: Database): Promise<Map<string, { name: string; email: string }>> {
  const rows = await db.select({ id: users.id, name: users.name, email: users.email }).from(users);
  return new Map(rows.map(({ id, ...person }) => [id, person]));
}

function ownersAbove(all: ReadonlyMap<string, Owned>, agentId: string | null): string[] {
  const owners = new Set<string>();
  const passed = new Set<string>();
  let at = all.get(agentId ?? "");
  while (at && !passed.has(at.id)) {
    passed.add(at.id);
    if (at.ownerId) owners.add(at.ownerId);
    at = all.get(at.parentId ?? "");
  }
  return [...owners];
}
