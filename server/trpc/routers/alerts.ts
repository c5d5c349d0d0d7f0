import { z } from "zod";
import { acknowledgeAlert } from "../../layers/monitoring/acknowledge-alert.ts";
import { assignAlert } from "../../layers/monitoring/assign-alert.ts";
import { closeAlert } from "../../layers/monitoring/close-alert.ts";
import { listAlerts } from "../../layers/monitoring/list-alerts.ts";
import { readAlert } from "../../layers/monitoring/read-alert.ts";
import {
  acknowledgeAlertInput,
  alertDetail,
  alertFilter,
  alertPage,
  alertView,
  assignAlertInput,
  closeAlertInput,
} from "../../layers/monitoring/schema.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** Alerts: the queue, one alert, and what an analyst does with it. */
export const alertsRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/alerts", summary: "Alerts, newest first" } })
    .input(alertFilter)
    .output(alertPage)
    .query(({ ctx, input }) => listAlerts(verbContext(ctx), input)),
  get: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/alerts/{number}", summary: "One alert, with its history" } })
    .input(z.object({ number: z.coerce.number().int().min(1).max(2_147_483_647) }))
    .output(alertDetail)
    .query(({ ctx, input }) => readAlert(verbContext(ctx), input)),
  acknowledge: operatorProcedure
    .input(acknowledgeAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => acknowledgeAlert(verbContext(ctx), input)),
  assign: operatorProcedure
    .input(assignAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => assignAlert(verbContext(ctx), input)),
  close: operatorProcedure
    .input(closeAlertInput)
    .output(alertView)
    .mutation(({ ctx, input }) => closeAlert(verbContext(ctx), input)),
});
