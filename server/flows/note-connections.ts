import type { Database, Tx } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import type { Negotiated, SeenConnection, TlsPolicy } from "../layers/identity/connection-schema.ts";
import { type ConnectionFinding, judgeConnection } from "../layers/identity/engine/judge-connection.ts";
import {
  addConnections,
  connectionsKnown,
  foldEarlierCertificates,
  holdConnections,
} from "../layers/identity/store-connections.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";

const ACTOR: Actor = { type: "system", id: "gateway" };
/** What is outside the policy goes on being it: an open alert counts again after this. */
const QUIET_MS = 3_600_000;

/**
 * Keeps what agents' connections negotiated and raises an alert for what is outside the policy or unlike everything
 * before. Gateways that write at once wait for each other, so that the first of an outcome is one alone.
 */
export async function noteConnections(
  db: Database,
  batch: { seen: readonly SeenConnection[]; policy: TlsPolicy; now: Date },
): Promise<void> {
  const { policy, now } = batch;
  const seen = [...batch.seen].sort((a, b) => a.firstAt.getTime() - b.firstAt.getTime());
  if (seen.length === 0) return;
  const agentIds = [...new Set(seen.map((it) => it.agentId))];
  await db.transaction(async (tx) => {
    await holdConnections(tx);
    const known = await connectionsKnown(tx, agentIds);
    for (const one of seen) {
      const before = known.get(one.agentId) ?? [];
      for (const finding of judgeConnection({ known: before, seen: one, policy }))
        await raise(tx, one, before, finding, now);
      known.set(one.agentId, [...before, one]);
    }
    await addConnections(tx, seen);
    await foldEarlierCertificates(tx, agentIds);
  });
}

function raise(
  tx: Tx,
  seen: SeenConnection,
  before: readonly Negotiated[],
  { rule, severity, title, checks }: ConnectionFinding,
  now: Date,
): Promise<unknown> {
  const { version, cipher, keyExchange, path, thumbprint, firstAt } = seen;
  return raiseAlert(tx, {
    agentId: seen.agentId,
    kind: "identity",
    ...{ rule, severity, title },
    detail: {
      negotiated: { version, cipher, keyExchange: keyExchange || null },
      before: [...new Set(before.map((it) => `${it.version} ${it.cipher}`))],
      ...{ path, thumbprint, checks, at: firstAt.toISOString() },
    },
    actor: ACTOR,
    now,
    quietMs: rule === "tls_outside_policy" ? QUIET_MS : 0,
  });
}
