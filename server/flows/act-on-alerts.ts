import type { z } from "zod";
import type { Tx } from "../../db/client.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { ensure } from "../kernel/ensure.ts";
import { ConflictError, InvalidInputError, VigilError } from "../kernel/errors.ts";
import { type ActingOn, ALERT_STEPS } from "../layers/monitoring/alert-steps.ts";
import { ACT_PARAMS, type AlertActView, actOnAlertsInput } from "../layers/monitoring/alert-work-schema.ts";
import { lockAlerts } from "../layers/monitoring/merge-store.ts";
import { beginAct } from "./act-on-alerts/begin-act.ts";
import { escalateTo } from "./act-on-alerts/escalate-to.ts";
import { actView, findAct, finishAct, keepIncident, settleItem, takeItems } from "./act-on-alerts/store.ts";

/** Alerts of one transaction, and transactions of one call. */
const CHUNK = 50;
const CHUNKS_A_CALL = 5;

type Asked = z.output<typeof actOnAlertsInput>;

/**
 * Does one thing to many alerts: those named with the version seen, or all that a filter showed at an instant. Each alert
 * is done, changed by somebody meanwhile, or refused with the reason; none keeps the others from being done. One call
 * does 250 at most: sent again with the same `actId` it goes on, and once it is over it answers what came of it.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `params_invalid`, `query_invalid`.
 * @throws ConflictError `act_of_other`, `selection_grew`.
 */
export async function actOnAlerts(
  ctx: VerbContext,
  input: z.input<typeof actOnAlertsInput>,
): Promise<AlertActView> {
  requirePermission(ctx.actor, "alerts.triage");
  const asked = actOnAlertsInput.parse(input);
  if (asked.action === "escalate") requirePermission(ctx.actor, "incidents.work");
  const params = ACT_PARAMS[asked.action].safeParse(asked.params);
  if (!params.success)
    throw new InvalidInputError(
      "params_invalid",
      params.error.issues[0]?.message ?? "These are no values for this.",
    );
  await beginAct(ctx, asked);
  for (let chunk = 0; chunk < CHUNKS_A_CALL; chunk++) {
    const taken = await ctx.db.transaction((tx) => actOnChunk(tx, ctx, asked, params.data));
    if (taken === 0) break;
  }
  await finishAct(ctx.db, asked.actId, ctx.now);
  return actView(ctx.db, asked.actId);
}

async function actOnChunk(
  tx: Tx,
  { actor, now }: VerbContext,
  asked: Asked,
  params: unknown,
): Promise<number> {
  const { actId } = asked;
  const items = await takeItems(tx, actId, CHUNK);
  if (items.length === 0) return 0;
  const target = typeof asked.params.intoId === "string" ? [asked.params.intoId] : [];
  await lockAlerts(tx, [...items.map(({ alertId }) => alertId), ...target]);
  for (const { alertId, version } of items) {
    const came = await outcomeOf(() => actOnOne(tx, { id: alertId, version, actor, now }, asked, params));
    await settleItem(tx, { actId, alertId }, { ...came, now });
  }
  return items.length;
}

async function actOnOne(tx: Tx, on: ActingOn, { actId, action }: Asked, params: unknown): Promise<void> {
  if (action !== "escalate") {
    const step = ALERT_STEPS[action] as (tx: Tx, on: ActingOn, params: unknown) => Promise<unknown>;
    await step(tx, on, params);
    return;
  }
  const act = await findAct(tx, actId);
  ensure(act, "the act is written before it is done");
  const escalation = params as Parameters<typeof escalateTo>[2];
  const { incidentId } = await escalateTo(tx, on, escalation, act.incidentId);
  if (act.incidentId === null) await keepIncident(tx, actId, incidentId);
}

type Came = { outcome: "done" | "changed" | "refused"; by?: string | null; detail?: string };

/** What came of one alert. A step that refuses has written nothing, so the others of its transaction stand. */
async function outcomeOf(work: () => Promise<unknown>): Promise<Came> {
  try {
    await work();
    return { outcome: "done" };
  } catch (error) {
    if (!(error instanceof VigilError)) throw error;
    const { by, did } = error.facts;
    if (error instanceof ConflictError && error.code === "alert_changed")
      return { outcome: "changed", by: by ? String(by) : null, detail: did ? String(did) : error.message };
    return { outcome: "refused", detail: error.message };
  }
}
