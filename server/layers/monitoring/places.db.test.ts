import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditRecords } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { Actor } from "../../kernel/actor.ts";
import { addPlace } from "./add-place.ts";
import { listPlaces } from "./list-places.ts";
import { removePlace } from "./remove-place.ts";
import { makePerson } from "./testing/agents-and-people.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
let database: TestDatabase;
let admin: Actor;
let auditor: Actor;
beforeAll(async () => {
  database = await createTestDatabase();
  admin = await makePerson(database.db, ["admin"], NOW);
  auditor = await makePerson(database.db, ["auditor"], NOW);
});
afterAll(() => database.close());

const as = (actor: Actor) => ({ db: database.db, actor, now: NOW });
const frankfurt = { name: "Frankfurt", country: "de", latitude: 50.11, longitude: 8.68 };
async function records(placeId: string) {
  const rows = await database.db.select().from(auditRecords);
  return rows
    .map(({ kind, body }) => ({ kind, details: JSON.parse(body.toString("utf8")).details }))
    .filter(({ details }) => details?.placeId === placeId);
}

describe("where networks are", () => {
  test("is said and taken back with records that say what was said", async () => {
    const { placeId } = await addPlace(as(admin), { ...frankfurt, prefix: "10.1.0.0/16" });
    expect(await listPlaces(as(auditor))).toContainEqual({
      ...{ ...frankfurt, country: "DE" },
      ...{ id: placeId, prefix: "10.1.0.0/16", kind: "other" },
    });
    await removePlace(as(admin), { placeId });
    expect((await listPlaces(as(auditor))).map(({ id }) => id)).not.toContain(placeId);
    const left = await records(placeId);
    expect(left.map(({ kind }) => kind).sort()).toEqual(["place.added", "place.removed"]);
    for (const { details } of left) expect(details).toMatchObject({ prefix: "10.1.0.0/16", latitude: 50.11 });
  });

  test("a network is in one place: of two at once one is refused", async () => {
    const add = (name: string) => addPlace(as(admin), { ...frankfurt, name, prefix: "10.2.0.0/16" });
    const both = await Promise.allSettled([add("here"), add("there")]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = both.find(({ status }) => status === "rejected") as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({ code: "place_taken" });
  });

  test("of two who remove it at once, one did, and one record says so", async () => {
    const { placeId } = await addPlace(as(admin), { ...frankfurt, prefix: "10.3.0.0/16" });
    const both = await Promise.allSettled([1, 2].map(() => removePlace(as(admin), { placeId })));
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await records(placeId)).filter(({ kind }) => kind === "place.removed")).toHaveLength(1);
  });

  test("refuses whoever lacks the permission", async () => {
    const { placeId } = await addPlace(as(admin), { ...frankfurt, prefix: "10.4.0.0/16" });
    for (const role of ["analyst", "approver", "compliance", "auditor"] as const) {
      const person = await makePerson(database.db, [role], NOW);
      const add = addPlace(as(person), { ...frankfurt, prefix: "10.5.0.0/16" });
      await expect(add).rejects.toMatchObject({ code: "not_permitted" });
      await expect(removePlace(as(person), { placeId })).rejects.toMatchObject({ code: "not_permitted" });
    }
    const agent: Actor = { type: "agent", id: "a" } as Actor;
    await expect(listPlaces(as(agent))).rejects.toMatchObject({ code: "not_permitted" });
  });
});
