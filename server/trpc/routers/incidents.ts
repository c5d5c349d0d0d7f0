import { z } from "zod";
import { declareIncident } from "../../flows/declare-incident.ts";
import { determineIncident } from "../../flows/determine-incident.ts";
import { recordReceipt } from "../../flows/record-receipt.ts";
import { addNote } from "../../incidents/add-note.ts";
import { changeIncident } from "../../incidents/change-incident.ts";
import { closeIncident } from "../../incidents/close-incident.ts";
import { adviseDetermination, LIMBS } from "../../incidents/engine/advise-determination.ts";
import { listIncidents } from "../../incidents/list-incidents.ts";
import { readIncident } from "../../incidents/read-incident.ts";
import { readSnapshot } from "../../incidents/read-snapshot.ts";
import { reopenIncident } from "../../incidents/reopen-incident.ts";
import {
  changeIncidentInput,
  closeIncidentInput,
  determineInput,
  factInput,
  impact,
  noteInput,
  openIncidentInput,
  receiptInput,
  taskInput,
} from "../../incidents/schema.ts";
import { setTask } from "../../incidents/set-task.ts";
import { stateFact } from "../../incidents/state-fact.ts";
import { incidentDetail, incidentPage, listIncidentsInput } from "../../incidents/views.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

/** Incidents: their history, tasks, determination and the receipts that stop their clocks. */
export const incidentsRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/incidents", summary: "Incidents, the newest first" } })
    .input(listIncidentsInput)
    .output(incidentPage)
    .query(({ ctx, input }) => listIncidents(verbContext(ctx), input)),
  get: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/incidents/{number}", summary: "One incident, whole" } })
    .input(z.object({ number: z.coerce.number().int().positive() }))
    .output(incidentDetail)
    .query(({ ctx, input }) => readIncident(verbContext(ctx), input)),
  declare: operatorProcedure
    .meta({ openapi: { method: "POST", path: "/incidents", summary: "Declare an incident" } })
    .input(openIncidentInput)
    .output(z.object({ incidentId: z.uuid(), number: z.number().int() }))
    .mutation(({ ctx, input }) => declareIncident(verbContext(ctx), input)),
  advise: operatorProcedure
    .input(impact)
    .query(({ input }) => ({ ...adviseDetermination(input), limbs: [...LIMBS] })),
  determine: steppedUpProcedure
    .input(determineInput)
    .mutation(({ ctx, input }) => determineIncident(verbContext(ctx), { ...input, stepUp: ctx.stepUp })),
  recordReceipt: operatorProcedure
    .input(receiptInput)
    .mutation(({ ctx, input }) => recordReceipt(verbContext(ctx), input)),
  addNote: operatorProcedure.input(noteInput).mutation(({ ctx, input }) => addNote(verbContext(ctx), input)),
  stateFact: operatorProcedure
    .input(factInput)
    .mutation(({ ctx, input }) => stateFact(verbContext(ctx), input)),
  setTask: operatorProcedure.input(taskInput).mutation(({ ctx, input }) => setTask(verbContext(ctx), input)),
  change: operatorProcedure
    .input(changeIncidentInput)
    .mutation(({ ctx, input }) => changeIncident(verbContext(ctx), input)),
  close: operatorProcedure
    .input(closeIncidentInput)
    .mutation(({ ctx, input }) => closeIncident(verbContext(ctx), input)),
  reopen: operatorProcedure
    .input(closeIncidentInput)
    .mutation(({ ctx, input }) => reopenIncident(verbContext(ctx), input)),
  snapshot: operatorProcedure
    .input(z.object({ snapshotId: z.uuid() }))
    .mutation(({ ctx, input }) => readSnapshot(verbContext(ctx), input)),
});
