import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { agents } from "../../../db/schema/index.ts";
import { signStandardWebhook } from "../../integrations/signal/verify-standard-webhook.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import type { MakeSourceInput } from "../../layers/monitoring/signal-source-schema.ts";
import { answerHook } from "../answer-hook.ts";
import { createCaller } from "../root.ts";
import { contextAs, ORIGIN, type TestConsole } from "./console.ts";

export type Hooked = {
  status: number;
  retryAfter: string | null;
  body: {
    signals?: { id: string | null; outcome: string; reason: string | null; repeated: boolean }[];
    code?: string;
    message?: string;
    facts?: Record<string, unknown>;
  };
};
export type Source = { id: string; name: string; secret: string };

/** What tests of the hooks' door share: sources made by an administrator, and requests as their systems send them. */
export function signalDoor(console: () => TestConsole) {
  const admin = (now = new Date()) =>
    createCaller(contextAs(console().runtime, ["admin", "analyst"], { now }));

  async function make(
    input: Partial<MakeSourceInput> & Pick<MakeSourceInput, "kind" | "auth">,
  ): Promise<Source> {
    const name = input.name ?? `s-${randomUUID().slice(0, 8)}`;
    const { sourceId, secret } = await admin().signals.make({ ...input, name });
    return { id: sourceId, name, secret: secret ?? "" };
  }

  async function send(
    name: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
    now = new Date(),
  ): Promise<Hooked> {
    const request = new Request(`${ORIGIN}/api/hooks/${name}`, { method: "POST", headers, body });
    const answer = await answerHook(console().runtime, name, request, now);
    return {
      status: answer.status,
      retryAfter: answer.headers.get("retry-after"),
      body: (await answer.json()) as Hooked["body"],
    };
  }

  return {
    admin,
    make,
    send,
    bearer: (source: Source, payload: unknown, now?: Date) =>
      send(source.name, JSON.stringify(payload), { authorization: `Bearer ${source.secret}` }, now),
    signed(source: Source, id: string, body: string, now = new Date(), signedAt = now) {
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(signedAt.getTime() / 1_000)),
        "webhook-signature": signStandardWebhook(source.secret, id, signedAt, body),
      };
      return send(source.name, body, headers, now);
    },
    async agent(name: string): Promise<string> {
      const id = uuidv7(Date.now());
      await console()
        .runtime.db.insert(agents)
        .values({ id, name, did: `did:bank:agent:${name}`, createdAt: new Date() });
      return id;
    },
    rows: async <Row extends Record<string, unknown>>(query: ReturnType<typeof sql>) =>
      (await console().runtime.db.execute<Row>(query)).rows,
    alerts: (rule: string) =>
      console()
        .runtime.db.execute<{
          agent_id: string | null;
          severity: string;
          title: string;
          count: number;
          detail: Record<string, unknown>;
        }>(sql`select agent_id, severity, title, count, detail from alerts where rule = ${rule}`)
        .then(({ rows }) => rows),
  };
}

/** A Falco event of now, that no other is the same as. */
export function falcoEvent(over: Record<string, unknown> = {}, fields: Record<string, unknown> = {}) {
  return {
    hostname: "node-1",
    output: `Shell in a container ${randomUUID()}`,
    output_fields: { "evt.time": 1, "k8s.ns.name": "agents", "proc.cmdline": "sh", ...fields },
    priority: "Critical",
    rule: "Terminal shell in container",
    source: "syscall",
    tags: ["T1059", "mitre_execution", "container"],
    time: new Date().toISOString(),
    ...over,
  };
}
