import type { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { permits } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { type ACT_PARAMS, SUPPRESS_DAYS_MAX } from "./alert-work-schema.ts";
import { forgetLessons } from "./allowance-store.ts";
import { alertChanged, type ChangeKind, changeAlert } from "./change-alert.ts";
import { mayBeSuppressed } from "./engine/may-be-suppressed.ts";
import { followMerge, lockAlerts, openTwinOf } from "./merge-store.ts";
import { recordLessons } from "./record-lessons.ts";
import type { AlertStatus, AlertView } from "./schema.ts";
import { findAlert, findPerson } from "./store.ts";
import { insertSuppression, liveSuppression } from "./suppression-store.ts";
import { statusBeforeMerge } from "./transition-store.ts";
import { judgeWindows } from "./window-store.ts";

type Params = { [Name in keyof typeof ACT_PARAMS]: z.output<(typeof ACT_PARAMS)[Name]> };
/** One alert as it was seen, and who acts on it when. */
export type ActingOn = { id: string; version: number; actor: Actor; now: Date };
type Step<Name extends keyof Params> = (tx: Tx, on: ActingOn, params: Params[Name]) => Promise<AlertView>;

const UNSETTLED = ["open", "acknowledged"] as const;
const DAY_MS = 86_400_000;
/** The minute before an alert opened is part of what it was about. */
const LEAD_MS = 60_000;

/**
 * What each act does to one alert, in the caller's transaction; the caller has checked the permission. A step that
 * throws a VigilError has written nothing, so that an act on many goes on with the next.
 */
export const ALERT_STEPS: { [Name in Exclude<keyof Params, "escalate">]: Step<Name> } = {
  acknowledge,
  assign,
  close,
  suppress,
  merge,
  unmerge,
  reopen,
};

function acknowledge(tx: Tx, on: ActingOn): Promise<AlertView> {
  const ownerId = on.actor.type === "operator" ? on.actor.id : null;
  const set = { status: "acknowledged", acknowledgedAt: on.now, ownerId };
  return changeAlert(tx, { ...on, from: ["open"], kind: "acknowledged", set, details: {} });
}

async function assign(tx: Tx, on: ActingOn, { ownerId }: Params["assign"]): Promise<AlertView> {
  const owner = ownerId === null ? null : await findPerson(tx, ownerId);
  if (ownerId !== null && !(owner && permits(owner.roles, "alerts.triage")))
    throw new InvalidInputError("owner_invalid", "This person does not triage alerts. Choose an analyst.");
  const details = { to: owner?.email ?? null };
  return changeAlert(tx, { ...on, from: UNSETTLED, kind: "assigned", set: { ownerId }, details });
}

async function close(tx: Tx, on: ActingOn, params: Params["close"]): Promise<AlertView> {
  const { disposition, reason, verdictUntil = null } = params;
  if (verdictUntil && disposition !== "false-positive")
    throw new InvalidInputError("verdict_end_invalid", "Only a false positive has an end.");
  if (verdictUntil && verdictUntil <= on.now)
    throw new InvalidInputError("verdict_end_invalid", "A verdict ends in the future.");
  const alert = await settle(
    tx,
    on,
    "closed",
    { disposition, closeReason: reason, verdictUntil },
    {
      ...{ disposition, reason },
      ...(verdictUntil && { verdictUntil: verdictUntil.toISOString() }),
    },
  );
  if (alert.agent && alert.kind === "behaviour")
    await judgeWindows(tx, {
      agentId: alert.agent.id,
      from: new Date(alert.openedAt.getTime() - LEAD_MS),
      to: new Date(alert.lastSeenAt.getTime() + LEAD_MS),
      excluded: disposition === "true-positive",
    });
  await recordLessons(tx, { alert, disposition, actor: on.actor, now: on.now });
  return alert;
}

async function suppress(tx: Tx, on: ActingOn, params: Params["suppress"]): Promise<AlertView> {
  const { until, reason, scope } = params;
  const before = await findAlert(tx, { id: on.id });
  const { agent, rule, kind, severity } = before;
  const may = mayBeSuppressed({ agentId: agent?.id ?? null, kind, severity });
  if (!may.allowed || !agent) {
    const why = may.checks.filter(({ passed }) => !passed).map(({ detail }) => detail);
    throw new InvalidInputError("never_suppressed", why.join(" "), { number: before.number });
  }
  if (until <= on.now || until.getTime() - on.now.getTime() > SUPPRESS_DAYS_MAX * DAY_MS)
    throw new InvalidInputError(
      "suppression_end_invalid",
      `A suppression ends in the future and within ${SUPPRESS_DAYS_MAX} days.`,
    );
  const cause = scope === "cause" ? before.cause : null;
  const live = await liveSuppression(tx, { agentId: agent.id, rule, cause, now: on.now });
  if (live)
    throw new ConflictError(
      "suppressed_already",
      `${live.createdBy} suppressed this until ${live.until.toISOString()}. Lift that first to decide anew.`,
      { number: before.number, by: live.createdBy },
    );
  const details = { until: until.toISOString(), reason, scope, ...(cause !== null && { cause }) };
  const alert = await settle(tx, on, "suppressed", { disposition: null, closeReason: reason }, details);
  const id = uuidv7(on.now.getTime());
  await insertSuppression(tx, {
    ...{ id, agentId: agent.id, rule, cause, until, reason },
    alertId: on.id,
    actor: on.actor,
    now: on.now,
  });
  return alert;
}

async function merge(tx: Tx, on: ActingOn, { intoId, reason }: Params["merge"]): Promise<AlertView> {
  if (intoId === on.id)
    throw new InvalidInputError("merged_into_itself", "An alert is not merged into itself. Choose another.");
  await lockAlerts(tx, [on.id, intoId]);
  const into = await findAlert(tx, { id: intoId });
  if (into.mergedInto?.id === on.id)
    throw new InvalidInputError(
      "merged_in_a_circle",
      `Alert ${into.number} is part of this one. Take it apart first.`,
    );
  if (into.status === "closed") throw await alertChanged(tx, into);
  const details = { into: into.number, intoId, reason };
  const alert = await settle(tx, on, "merged", { mergedInto: intoId, closeReason: reason }, details);
  await followMerge(tx, { fromId: on.id, into, actor: on.actor, now: on.now });
  return alert;
}

async function unmerge(tx: Tx, on: ActingOn, { reason }: Params["unmerge"]): Promise<AlertView> {
  const before = await findAlert(tx, { id: on.id });
  if (!before.mergedInto)
    throw new ConflictError("not_merged", `Alert ${before.number} is not part of another.`, {
      number: before.number,
    });
  await refuseTwin(tx, before);
  const status = await statusBeforeMerge(tx, on.id);
  const set = { status, mergedInto: null, closedAt: null, closeReason: null };
  const details = { from: before.mergedInto.number, reason };
  return changeAlert(tx, { ...on, from: ["closed"], kind: "unmerged", set, details });
}

async function reopen(tx: Tx, on: ActingOn, { reason }: Params["reopen"]): Promise<AlertView> {
  const before = await findAlert(tx, { id: on.id });
  if (before.mergedInto)
    throw new ConflictError(
      "merged",
      `Alert ${before.number} is part of alert ${before.mergedInto.number}. Take it apart instead.`,
      { number: before.number },
    );
  await refuseTwin(tx, before);
  await forgetLessons(tx, {
    alertId: on.id,
    by: on.actor.type === "operator" ? on.actor.id : "system",
    reason,
    now: on.now,
  });
  const set = {
    status: "open",
    closedAt: null,
    acknowledgedAt: null,
    disposition: null,
    closeReason: null,
    verdictUntil: null,
  };
  return changeAlert(tx, { ...on, from: ["closed"], kind: "reopened", set, details: { reason } });
}

function settle(
  tx: Tx,
  on: ActingOn,
  kind: ChangeKind,
  set: Parameters<typeof changeAlert>[1]["set"],
  details: Record<string, unknown>,
): Promise<AlertView> {
  const closed: { status: AlertStatus; closedAt: Date } = { status: "closed", closedAt: on.now };
  return changeAlert(tx, { ...on, from: UNSETTLED, kind, set: { ...closed, ...set }, details });
}

/** One agent, rule and cause have one alert that is not closed: a closed one stays so while there is another. */
async function refuseTwin(tx: Tx, alert: AlertView): Promise<void> {
  const twin = await openTwinOf(tx, alert);
  if (twin !== null)
    throw new ConflictError("raised_again", `It was raised again as alert ${twin}. Work on that one.`, {
      number: alert.number,
    });
}
