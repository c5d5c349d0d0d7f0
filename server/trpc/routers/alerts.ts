import { z } from "zod";
import { actOnAlerts } from "../../flows/act-on-alerts.ts";
import { escalateAlert } from "../../flows/escalate-alert.ts";
import { acknowledgeAlert } from "../../layers/monitoring/acknowledge-alert.ts";
import * as work from "../../layers/monitoring/alert-work-schema.ts";
import { assignAlert } from "../../layers/monitoring/assign-alert.ts";
import { closeAlert } from "../../layers/monitoring/close-alert.ts";
import { liftSuppression } from "../../layers/monitoring/lift-suppression.ts";
import { listAlertGroups } from "../../layers/monitoring/list-alert-groups.ts";
import { listAlerts } from "../../layers/monitoring/list-alerts.ts";
import { listSuppressions } from "../../layers/monitoring/list-suppressions.ts";
import { mergeAlert } from "../../layers/monitoring/merge-alert.ts";
import { noteAlert } from "../../layers/monitoring/note-alert.ts";
import { readAlert } from "../../layers/monitoring/read-alert.ts";
import { readAlertFacets } from "../../layers/monitoring/read-alert-facets.ts";
import { readAlertTimes } from "../../layers/monitoring/read-alert-times.ts";
import { reopenAlert } from "../../layers/monitoring/reopen-alert.ts";
import { alertFilter, alertPage, alertView } from "../../layers/monitoring/schema.ts";
import { suppressAlert } from "../../layers/monitoring/suppress-alert.ts";
import { unmergeAlert } from "../../layers/monitoring/unmerge-alert.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

const post = (path: `/${string}`, summary: string) => ({
  openapi: { method: "POST" as const, path, summary },
});
const get = (path: `/${string}`, summary: string) => ({ openapi: { method: "GET" as const, path, summary } });

/** Alerts: the queue, one alert, and what an analyst does with it. */
export const alertsRouter = router({
  list: operatorProcedure
    .meta(get("/alerts", "Alerts, newest first"))
    .input(alertFilter)
    .output(alertPage)
    .query(({ ctx, input }) => listAlerts(verbContext(ctx), input)),
  groups: operatorProcedure
    .meta(get("/alert-groups", "Alerts by agent and cause, newest first"))
    .input(alertFilter)
    .output(work.alertGroupPage)
    .query(({ ctx, input }) => listAlertGroups(verbContext(ctx), input)),
  facets: operatorProcedure
    .meta(get("/alert-facets", "What matching alerts are made of, and when they were opened"))
    .input(work.alertFacetsInput)
    .output(work.alertFacets)
    .query(({ ctx, input }) => readAlertFacets(verbContext(ctx), input)),
  times: operatorProcedure
    .meta(get("/alert-times", "Mean times to acknowledge and to resolve"))
    .input(z.object({ days: z.coerce.number().int().min(1).max(365).default(30) }))
    .output(work.alertTimes)
    .query(({ ctx, input }) => readAlertTimes(verbContext(ctx), input)),
  suppressions: operatorProcedure
    .meta(get("/alert-suppressions", "What is counted instead of raised now"))
    .output(z.object({ suppressions: z.array(work.suppressionView) }))
    .query(async ({ ctx }) => ({ suppressions: await listSuppressions(verbContext(ctx)) })),
  get: operatorProcedure
    .meta(get("/alerts/{number}", "One alert, with its history"))
    .input(z.object({ number: z.coerce.number().int().min(1).max(2_147_483_647) }))
    .output(work.alertDetail)
    .query(({ ctx, input }) => readAlert(verbContext(ctx), input)),
  acknowledge: operatorProcedure
    .meta(post("/alerts/{id}/acknowledgement", "Say that it was seen; it becomes yours"))
    .input(work.acknowledgeAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => acknowledgeAlert(verbContext(ctx), input)),
  assign: operatorProcedure
    .meta(post("/alerts/{id}/assignment", "Give it to a person, or to nobody"))
    .input(work.assignAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => assignAlert(verbContext(ctx), input)),
  close: operatorProcedure
    .meta(post("/alerts/{id}/verdict", "Close it with a verdict"))
    .input(work.closeAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => closeAlert(verbContext(ctx), input)),
  suppress: operatorProcedure
    .meta(post("/alerts/{id}/suppression", "Count its like instead of raising it, until an instant"))
    .input(work.suppressAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => suppressAlert(verbContext(ctx), input)),
  liftSuppression: operatorProcedure
    .meta(post("/alert-suppressions/{id}/end", "Raise its like again"))
    .input(work.liftSuppressionInput)
    .output(z.object({ count: z.number().int() }))
    .mutation(({ ctx, input }) => liftSuppression(verbContext(ctx), input)),
  merge: operatorProcedure
    .meta(post("/alerts/{id}/merge", "Make it part of another"))
    .input(work.mergeAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => mergeAlert(verbContext(ctx), input)),
  unmerge: operatorProcedure
    .meta(post("/alerts/{id}/unmerge", "Take it apart again"))
    .input(work.unmergeAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => unmergeAlert(verbContext(ctx), input)),
  reopen: operatorProcedure
    .meta(post("/alerts/{id}/reopening", "Open it again; its verdict no longer holds"))
    .input(work.reopenAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => reopenAlert(verbContext(ctx), input)),
  escalate: operatorProcedure
    .meta(post("/alerts/{id}/escalation", "Tie it to an open incident, or declare one"))
    .input(work.escalateAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => escalateAlert(verbContext(ctx), input)),
  note: operatorProcedure
    .meta(post("/alerts/{id}/notes", "Write a note on it"))
    .input(work.noteAlertInput)
    .output(z.object({ ok: z.literal(true) }))
    .mutation(({ ctx, input }) => noteAlert(verbContext(ctx), input)),
  act: operatorProcedure
    .meta(post("/alert-acts", "Do one thing to many; sent again, it goes on"))
    .input(work.actOnAlertsInput)
    .output(work.alertActView)
    .mutation(({ ctx, input }) => actOnAlerts(verbContext(ctx), input)),
});
