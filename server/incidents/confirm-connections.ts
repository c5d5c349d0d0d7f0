import { and, eq, gte, sql } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { isolationConfirmations, isolationStates, processes } from "../../db/schema/index.ts";
import type { Actor } from "../kernel/actor.ts";
import { appendRecord } from "../layers/audit/append.ts";
import {
  type ConfirmationFacts,
  GATEWAY_SECONDS_MAX,
  judgeConfirmations,
} from "./engine/judge-confirmations.ts";
import { writeStep } from "./run-step.ts";
import { agentNamed, type ContainmentRow, containmentById, stepsOf } from "./store.ts";

/**
 * Looks whether every live gateway holds a containment's denial, and writes the step `connections` when
 * there is something to say. A failure becomes a confirmation once the last gateway has answered.
 *
 * @param fence called first in the transaction: the duty's lease.
 */
export async function confirmConnections(
  db: Database,
  confirming: {
    containmentId: string;
    actor: Actor;
    now: Date;
    fence: (tx: Tx) => Promise<void>;
  },
): Promise<void> {
  const { containmentId, actor, now, fence } = confirming;
  await db.transaction(async (tx) => {
    await fence(tx);
    const containment = await containmentById(tx, containmentId, true);
    const step = (await stepsOf(tx, containmentId)).find((row) => row.step === "connections");
    if (containment.status === "released" || (step && step.status !== "failed")) return;
    const { agentId, requestedAt, isolationEpoch } = containment;
    const facts = await factsOf(tx, containment);
    const verdict = judgeConfirmations(facts, now);
    if (!verdict || (verdict.status === "failed" && step?.detail === verdict.detail)) return;
    const startedAt = requestedAt;
    const finishedAt =
      verdict.status === "confirmed" ? lastOf(facts.confirmations.map((c) => c.confirmedAt)) : now;
    await writeStep(tx, { containmentId, step: "connections", ...verdict, startedAt, finishedAt });
    await appendRecord(tx, {
      kind: "containment.connections",
      actor,
      now,
      agent: await agentNamed(tx, agentId),
      details: {
        containmentId,
        ...verdict,
        epoch: isolationEpoch,
        gateways: facts.live,
        confirmations: facts.confirmations,
      },
      subjects: [containmentId],
    });
  });
}

async function factsOf(tx: Tx, containment: ContainmentRow): Promise<ConfirmationFacts> {
  const { agentId, requestedAt, isolationEpoch } = containment;
  const alive = sql`${processes.seenAt} > now() - make_interval(secs => ${GATEWAY_SECONDS_MAX})`;
  const live = await tx
    .select({ id: processes.id })
    .from(processes)
    .where(and(eq(processes.role, "gateway"), alive));
  const said = await tx
    .select()
    .from(isolationConfirmations)
    .innerJoin(isolationStates, eq(isolationStates.agentId, isolationConfirmations.agentId))
    .where(
      and(
        eq(isolationConfirmations.agentId, agentId),
        eq(isolationStates.state, "deny_all"),
        gte(isolationConfirmations.epoch, isolationEpoch ?? Number.MAX_SAFE_INTEGER),
      ),
    );
  return {
    live: live.map((gateway) => gateway.id),
    confirmations: said.map((row) => row.isolation_confirmations),
    requestedAt,
  };
}

function lastOf(instants: Date[]): Date {
  return new Date(Math.max(...instants.map((instant) => instant.getTime())));
}
