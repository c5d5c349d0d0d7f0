import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { alerts, shadowAgents } from "../../../db/schema/index.ts";
import { createApiKey } from "../../access/create-api-key.ts";
import { ROLES } from "../../access/permissions.ts";
import { ensureAuthorities } from "../../flows/ensure-authorities.ts";
import { makeSignalSource } from "../../flows/make-signal-source.ts";
import { testSignalSource } from "../../flows/test-signal-source.ts";
import { present } from "../../kernel/ensure.ts";
import { DEFAULT_POLICY } from "../../layers/authorization/default-policy.ts";
import { ensureDefaultPolicy } from "../../layers/authorization/ensure-default-policy.ts";
import { BUILT_IN_RULES } from "../../layers/monitoring/engine/rules/built-in-rules.ts";
import { ensureDefaultRules } from "../../layers/monitoring/ensure-default-rules.ts";
import { contextAs, createTestConsole, get, ORIGIN, post, type TestConsole } from "../testing/console.ts";
import { answerRest, REST_ROOT } from "./answer-rest.ts";
import { openApiDocument } from "./openapi-document.ts";

/** The names that scripts and other systems rely on. */
const CONTRACT = [
  "/agents",
  "/agents/{name}",
  "/agents/{name}/join-tokens",
  "/alerts",
  "/incidents",
  "/approvals",
  "/grants",
  "/audit/records",
  "/audit/verification",
  "/clocks/preview",
];
const METHODS = ["get", "put", "post", "delete", "patch"];

type Schema = Record<string, unknown>;
type Parameter = { name: string; in: string; required?: boolean; schema?: Schema };
type Operation = {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
};
type Document = {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas?: Record<string, Schema>; securitySchemes: Record<string, { type: string }> };
};

const document = JSON.parse(JSON.stringify(openApiDocument(ORIGIN))) as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

/** A schema of the document as zod reads it: throws where it is no JSON Schema. */
function readSchema(schema: Schema): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas ?? {} });
  return z.fromJSONSchema(JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")));
}

describe("the document", () => {
  it("is OpenAPI 3.1, and every path of the contract is in it", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: "Vigil", version: expect.any(String) });
    expect(document.servers).toEqual([{ url: ORIGIN + REST_ROOT }]);
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(CONTRACT));
    for (const scheme of document.security.flatMap((one) => Object.keys(one)))
      expect(document.components.securitySchemes[scheme]?.type).toBeTruthy();
  });

  it("names each operation once, and tells every parameter, body and answer by a schema", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, method, operation } of operations) {
      const at = `${method} ${path}`;
      expect(METHODS, at).toContain(method);
      const inPath = (operation.parameters ?? []).filter((one) => one.in === "path");
      expect(inPath.map(({ name }) => name).sort(), at).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
      );
      for (const { required } of inPath) expect(required, at).toBe(true);
      for (const parameter of operation.parameters ?? [])
        expect(() => readSchema(present(parameter.schema, at)), at).not.toThrow();
      const bodies = [operation.requestBody, ...Object.values(operation.responses)];
      for (const { schema } of bodies.flatMap((body) => Object.values(body?.content ?? {})))
        expect(() => readSchema(schema), at).not.toThrow();
      for (const { description } of Object.values(operation.responses)) expect(description, at).not.toBe("");
      expect(operation.responses, at).toHaveProperty("401");
    }
  });

  it("refers to nothing that is not there", () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    for (const [, name = ""] of refs) expect(document.components.schemas).toHaveProperty(name);
  });
});

describe("every path that it lists", () => {
  let console: TestConsole;
  let key: string;
  let userId: string;
  const signal = { id: "", sources: ["", ""] };
  /** An alert of its own for each act, and one more. */
  const alertIds = new Map<string, string>();
  const ids = {
    alert: 0,
    suppression: "",
    authority: "",
    approval: "",
    incident: 0,
    record: "",
    dryRun: "",
    place: "",
    shadows: ["", ""],
  };
  const call = (method: string, path: string, headers: Record<string, string>, body: object = {}) =>
    answerRest(
      console.runtime,
      method === "get"
        ? get(REST_ROOT + path, headers)
        : new Request(post(REST_ROOT + path, body, headers), { method: method.toUpperCase() }),
      new Date(),
    );
  const withKey = async <T>(method: string, path: string, body: object = {}) => {
    const answer = await call(method, path, { authorization: `Bearer ${key}` }, body);
    return { status: answer.status, body: (await answer.json()) as T };
  };

  beforeAll(async () => {
    console = await createTestConsole();
    const { db } = console.runtime;
    await ensureDefaultPolicy(db, new Date());
    await ensureDefaultRules(db, new Date());
    const { env } = console.runtime;
    await ensureAuthorities(db, env, present(env.kek, "the key-encryption key"), new Date());
    userId = (await console.addUser([...ROLES])).id;
    const own = contextAs(console.runtime, [...ROLES], { id: userId });
    ({ key } = await createApiKey(own, { name: "contract", expiresInDays: 1 }));
    for (const name of ["first", "to-ban"])
      expect((await withKey("post", "/agents", { name })).status).toBe(200);
    await db.execute("update agents set status = 'active'");
    const [alert] = await db
      .insert(alerts)
      .values({
        ...{ id: randomUUID(), kind: "rule", rule: "r", severity: "low", title: "t", detail: {} },
        ...{ openedAt: new Date(), lastSeenAt: new Date() },
      })
      .returning();
    ids.alert = alert?.number ?? 0;
    await seedAlerts();
    ids.shadows = [randomUUID(), randomUUID()];
    const sighted = { evidence: "", network: "unknown", firstSeenAt: new Date(), lastSeenAt: new Date() };
    await db
      .insert(shadowAgents)
      .values(
        ids.shadows.map((id) => ({ ...sighted, id, claimed: id, issuer: "", ways: ["enrolment"], count: 1 })),
      );
    const asked = { agent: "first", scope: "payments:execute", durationSeconds: 60, reason: "Month end" };
    ids.approval = (await withKey<{ approvalId: string }>("post", "/approvals", asked)).body.approvalId;
    const declared = { title: "odd", severity: "low" };
    ids.incident = (await withKey<{ number: number }>("post", "/incidents", declared)).body.number;
    const board = await withKey<{ authorities: { id: string }[] }>("get", "/authorities");
    ids.authority = board.body.authorities[1]?.id ?? "";
    const { body } = await withKey<{ records: { id: string }[] }>("get", "/audit/records");
    ids.record = body.records[0]?.id ?? "";
    await withKey("post", "/audit/verification", {});
    const makeSource = (name: string) => makeSignalSource(own, { name, kind: "sysdig", auth: "bearer" });
    signal.sources = [(await makeSource("one")).sourceId, (await makeSource("other")).sourceId];
    signal.id = (await testSignalSource(own, { sourceId: signal.sources[0] ?? "" })).id ?? "";
    const tried = { rules: [BUILT_IN_RULES[0]] };
    ids.dryRun = (await withKey<{ id: string }>("post", "/rules/dry-runs", tried)).body.id;
    const place = { name: "Oslo", country: "NO", latitude: 59.91, longitude: 10.75, prefix: "10.9.0.0/16" };
    ids.place = (await withKey<{ placeId: string }>("post", "/places", place)).body.placeId;
  });
  afterAll(() => console.close());

  /** One alert of the agent `first` for each act under `/alerts/{id}/`, and a suppression to end. */
  async function seedAlerts(): Promise<void> {
    const { db } = console.runtime;
    const agents = await withKey<{ agents: { id: string; name: string }[] }>("get", "/agents");
    const agentId = agents.body.agents.find(({ name }) => name === "first")?.id;
    const acts = operations.flatMap(({ path }) => /^\/alerts\/\{id\}\/(\w+)$/.exec(path)?.[1] ?? []);
    for (const rule of [...acts, "spare", "ended", "bulk"]) {
      const id = randomUUID();
      alertIds.set(rule, id);
      await db.insert(alerts).values({
        ...{ id, agentId, kind: "rule", rule, severity: "low", title: "t", detail: {} },
        ...{ openedAt: new Date(), lastSeenAt: new Date() },
      });
    }
    const act = (rule: string, name: string, body: object, version = 1) =>
      withKey("post", `/alerts/${alertIds.get(rule)}/${name}`, { version, reason: "As planned", ...body });
    await act("ended", "suppression", { until: new Date(Date.now() + 60_000).toISOString() });
    await act("reopening", "verdict", { disposition: "benign" });
    await act("unmerge", "merge", { intoId: alertIds.get("spare") });
    const held = await withKey<{ suppressions: { id: string }[] }>("get", "/alert-suppressions");
    ids.suppression = held.body.suppressions[0]?.id ?? "";
  }

  /** What each act on one alert is given beside its id. */
  const ALERT_ACTS: Record<string, () => object> = {
    acknowledgement: () => ({}),
    assignment: () => ({ ownerId: null }),
    verdict: () => ({ disposition: "true-positive" }),
    suppression: () => ({ until: new Date(Date.now() + 60_000).toISOString() }),
    merge: () => ({ intoId: alertIds.get("spare") }),
    unmerge: () => ({ version: 2 }),
    reopening: () => ({ version: 2 }),
    escalation: () => ({}),
    notes: () => ({ text: "Seen" }),
  };

  const at = new Date(Date.now() - 60_000).toISOString();
  /** What each call is given, beyond what it takes by default. */
  const given = (path: string, method: string): { path: string; body?: object } => {
    const calls: Record<string, () => { path: string; body?: object }> = {
      "get /agents/{name}": () => ({ path: "/agents/first" }),
      "get /authorities/{authorityId}/dependents": () => ({
        path: `/authorities/${ids.authority}/dependents`,
      }),
      "get /agents/{name}/certificates": () => ({ path: "/agents/first/certificates" }),
      "get /agents/{name}/facts": () => ({ path: "/agents/first/facts" }),
      "get /agents/{name}/trust": () => ({ path: "/agents/first/trust" }),
      "get /agents/{name}/trust/history": () => ({ path: "/agents/first/trust/history?days=7" }),
      "get /agents/{name}/trust/overrides": () => ({ path: "/agents/first/trust/overrides" }),
      "get /agents/{name}/learning": () => ({ path: "/agents/first/learning" }),
      "get /agents/{name}/baselines": () => ({ path: "/agents/first/baselines" }),
      "get /levels": () => ({ path: "/levels?names=first" }),
      "post /agents/{name}/facts": () => ({
        path: "/agents/first/facts",
        body: { claim: "capabilities", value: { domain_expertise: ["fraud"] }, replaces: null },
      }),
      "get /agents/{name}/connections": () => ({ path: "/agents/first/connections" }),
      "get /behaviour/parts": () => ({
        path: `/behaviour/parts?agent=first&from=${encodeURIComponent(at)}&to=${encodeURIComponent(new Date().toISOString())}`,
      }),
      "get /alerts/{number}": () => ({ path: `/alerts/${ids.alert}` }),
      "post /alert-suppressions/{id}/end": () => ({
        path: `/alert-suppressions/${ids.suppression}/end`,
        body: { reason: "It is over" },
      }),
      "post /alert-acts": () => ({
        path,
        body: {
          ...{ actId: randomUUID(), action: "acknowledge" },
          selection: { alerts: [{ id: alertIds.get("bulk"), version: 1 }] },
        },
      }),
      "get /approvals/{id}": () => ({ path: `/approvals/${ids.approval}` }),
      "get /approvals/{id}/brief": () => ({ path: `/approvals/${ids.approval}/brief` }),
      "get /audit/records/{id}": () => ({ path: `/audit/records/${ids.record}` }),
      "get /clocks/preview": () => ({
        path: `/clocks/preview?regime=us-36h&event=determined&at=${encodeURIComponent(at)}`,
      }),
      "get /grants": () => ({ path: "/grants?agent=first" }),
      "get /policy/versions/{version}": () => ({ path: "/policy/versions/1" }),
      "get /policy/diff": () => ({ path: "/policy/diff?from=1&to=1" }),
      "post /policy/proposals": () => ({
        path,
        body: { baseVersion: 1, patch: { set: { mediumTrustAbove: 0.9 } }, reason: "As the bank decided" },
      }),
      "post /policy/dry-runs": () => ({ path, body: { document: DEFAULT_POLICY } }),
      "get /rules/{rule}/firings": () => ({ path: "/rules/data-volume/firings" }),
      "get /rules/dry-runs/{id}": () => ({ path: `/rules/dry-runs/${ids.dryRun}` }),
      "post /rules/dry-runs": () => ({ path, body: { rules: [BUILT_IN_RULES[0]] } }),
      "post /rules/proposals": () => ({
        path,
        body: { baseVersion: 1, remove: ["data-volume"], reason: "As the bank decided" },
      }),
      "get /incidents/{number}": () => ({ path: `/incidents/${ids.incident}` }),
      "post /agents": () => ({ path, body: { name: "second" } }),
      "post /agents/{name}/ban": () => ({ path: "/agents/to-ban/ban", body: { reason: "It was copied" } }),
      "post /agents/{name}/join-tokens": () => ({ path: "/agents/first/join-tokens" }),
      "post /agents/{name}/standing": () => ({
        path: "/agents/first/standing",
        body: { to: "suspended", reason: "Maintenance" },
      }),
      "post /approvals": () => ({
        path,
        body: { agent: "first", scope: "batch:process", durationSeconds: 60, reason: "Month end" },
      }),
      "post /approvals/{id}/withdrawal": () => ({
        path: `/approvals/${ids.approval}/withdrawal`,
        body: { reason: "Not needed any more" },
      }),
      "get /duties": () => ({
        path: `/duties?from=${encodeURIComponent(at)}&to=${encodeURIComponent(new Date().toISOString())}`,
      }),
      "post /shadow-agents/{id}/dismissal": () => ({
        path: `/shadow-agents/${ids.shadows[0]}/dismissal`,
        body: { version: 1, reason: "A scanner of ours" },
      }),
      "post /shadow-agents/{id}/registration": () => ({
        path: `/shadow-agents/${ids.shadows[1]}/registration`,
        body: { version: 1, agent: { name: "from-shadow" } },
      }),
      "get /signals/{id}": () => ({ path: `/signals/${signal.id}` }),
      "put /signal-sources/{sourceId}": () => ({
        path: `/signal-sources/${signal.sources[0]}`,
        body: {
          ...{ version: 1, mapping: [], alertFrom: "high", findUnknown: true },
          ...{ ratePerMinute: 60, silentAfterSeconds: null },
        },
      }),
      "post /signal-sources/{sourceId}/trial": () => ({ path: `/signal-sources/${signal.sources[0]}/trial` }),
      "post /signal-sources/{sourceId}/switch": () => ({
        path: `/signal-sources/${signal.sources[1]}/switch`,
        body: { version: 1, enabled: false, reason: "Replaced" },
      }),
      "post /places": () => ({
        path,
        body: { name: "Bergen", country: "NO", latitude: 60.39, longitude: 5.32, prefix: "10.8.0.0/16" },
      }),
      "post /places/{placeId}/removal": () => ({ path: `/places/${ids.place}/removal` }),
      "post /incidents": () => ({ path, body: { title: "odd again", severity: "low" } }),
    };
    const act = /^\/alerts\/\{id\}\/(\w+)$/.exec(path)?.[1];
    if (act) {
      const body = { version: 1, reason: "As the runbook says", ...ALERT_ACTS[act]?.() };
      return { path: `/alerts/${alertIds.get(act)}/${act}`, body };
    }
    return calls[`${method} ${path}`]?.() ?? { path };
  };
  // What suspends an agent comes after what needs it in service.
  const inOrder = [...operations].sort(
    (a, b) => Number(/standing|ban/.test(a.path)) - Number(/standing|ban/.test(b.path)),
  );

  it.each(inOrder)(
    "answers 401 to nobody, 200 to an API key: $method $path",
    async ({ path, method, operation }) => {
      const wanted = given(path, method);
      const nobody = await call(method, wanted.path, {}, wanted.body);
      expect(nobody.status).toBe(401);
      const wrong = await call(method, wanted.path, { authorization: "Bearer vk_made-up" }, wanted.body);
      expect(wrong.status).toBe(401);
      const { status, body } = await withKey(method, wanted.path, wanted.body);
      expect(status, JSON.stringify(body)).toBe(200);
      const told = operation.responses["200"]?.content?.["application/json"]?.schema ?? {};
      expect(readSchema(told).safeParse(body).error).toBeUndefined();
    },
  );
});
