import {
  type DeliveryRow,
  dueDeliveries,
  queueDecisions,
  receiverOf,
  rootCertificate,
  settleDelivery,
} from "../flows/call-back/store.ts";
import { sealCallback } from "../integrations/callback/seal-callback.ts";
import { sendCallback } from "../integrations/callback/send-callback.ts";
import { type AttemptResult, planAttempt } from "../integrations/outbox/plan-attempt.ts";
import { CALLBACK_KEY, type CallbackMessage } from "../kernel/callback.ts";
import { startStopwatch } from "../kernel/stopwatch.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { agentCallbackHost } from "../layers/identity/engine/names.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";

const QUEUED_MAX = 200;
const AT_ONCE_MAX = 20;
/** Statuses in which an agent is told what it waits for. */
const TOLD: readonly string[] = ["enrolled", "active", "throttled"];

/**
 * Tells agents what they wait for at their own callback servers: each agent in order and for itself. At least once: a
 * message whose answer was lost comes again under the same id.
 */
export const callAgentsBack: Duty = {
  name: "call-agents-back",
  everyMs: 1_000,
  wakes: ["approval"],
  run: async (context) => {
    const { db, keys, lease, now, publish } = context;
    await keys.openOrCreate(CALLBACK_KEY, "EdDSA", now);
    const queued = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return queueDecisions(tx, now, QUEUED_MAX);
    });
    const clock = startStopwatch(now);
    const due = await dueDeliveries(db, clock(), AT_ONCE_MAX);
    const results = await Promise.all(due.map((delivery) => deliver(context, delivery, clock)));
    if (due.length > 0) publish({ delivered: results.filter(Boolean).length, of: due.length });
    return { more: queued === QUEUED_MAX || results.some(Boolean) };
  },
};

/** @returns whether it was delivered: then the agent's next may follow at once. */
async function deliver(context: DutyContext, delivery: DeliveryRow, clock: () => Date): Promise<boolean> {
  const { db, lease, now } = context;
  const result = await attempt(context, delivery, clock());
  const attempts = delivery.attempts + 1;
  const plan = planAttempt(result, attempts);
  const at = clock();
  await db.transaction(async (tx) => {
    await holdLease(tx, lease);
    await settleDelivery(tx, delivery.id, {
      attempts,
      lastError: plan.state === "delivered" ? null : plan.error,
      ...(plan.state === "delivered" ? { deliveredAt: at } : {}),
      ...(plan.state === "dead" ? { deadAt: at } : {}),
      ...(plan.state === "wait" ? { nextAttemptAt: new Date(at.getTime() + plan.pauseMs) } : {}),
    });
    if (plan.state === "wait") return;
    const { agentId, topic, subject } = delivery;
    await appendRecord(tx, {
      kind: plan.state === "delivered" ? "callback.delivered" : "callback.dead",
      actor: { type: "system", id: "call-agents-back" },
      now,
      outcome: plan.state === "delivered" ? "allow" : "deny",
      details: { agentId, topic, subject, attempts, ...(plan.state === "dead" ? { error: plan.error } : {}) },
    });
  });
  return plan.state === "delivered";
}

async function attempt(
  { db, env, keys }: DutyContext,
  delivery: DeliveryRow,
  now: Date,
): Promise<AttemptResult> {
  const { agent, thumbprints, encryption } = await receiverOf(db, delivery.agentId, now);
  const failed = (error: string): AttemptResult => ({ delivered: false, error, refused: false });
  if (!agent) return failed("The agent has no callback server.");
  if (!TOLD.includes(agent.status)) return failed(`The agent is ${agent.status}.`);
  if (!encryption || thumbprints.length === 0)
    return failed("The agent has no live callback or encryption certificate.");
  const message: CallbackMessage = {
    id: `${delivery.topic}/${delivery.subject}`,
    topic: delivery.topic,
    createdAt: delivery.createdAt.toISOString(),
    data: delivery.body as Record<string, unknown>,
  };
  const sealed = await sealCallback(
    message,
    { did: agent.did, encryption },
    { issuer: env.enrolUrl, key: await keys.open(CALLBACK_KEY), now },
  );
  const host = agentCallbackHost(agent.name);
  return sendCallback({ url: agent.url, host, thumbprints, rootPem: await rootCertificate(db) }, sealed);
}
