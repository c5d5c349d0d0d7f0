import { z } from "zod";
import { listRecords } from "../../layers/audit/list-records.ts";
import { readChainState } from "../../layers/audit/read-chain-state.ts";
import { readLatestVerification } from "../../layers/audit/read-latest-verification.ts";
import { readRecord } from "../../layers/audit/read-record.ts";
import { readVerification } from "../../layers/audit/read-verification.ts";
import {
  chainStateView,
  listRecordsInput,
  recordDetail,
  recordPage,
  startVerificationInput,
  verificationView,
} from "../../layers/audit/schema.ts";
import { startVerification } from "../../layers/audit/start-verification.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** The audit log: its records, the state of its chain, and its verification. */
export const auditRouter = router({
  records: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/audit/records", summary: "Audit records, newest first" } })
    .input(listRecordsInput)
    .output(recordPage)
    .query(({ ctx, input }) => listRecords(verbContext(ctx), input)),
  record: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/audit/records/{id}", summary: "One record with what proves it" },
    })
    .input(z.object({ id: z.uuid() }))
    .output(recordDetail)
    .query(({ ctx, input }) => readRecord(verbContext(ctx), input)),
  chainState: operatorProcedure.output(chainStateView).query(({ ctx }) => readChainState(verbContext(ctx))),
  startVerification: operatorProcedure
    .meta({ openapi: { method: "POST", path: "/audit/verification", summary: "Verify the log" } })
    .input(startVerificationInput)
    .output(z.object({ id: z.uuid() }))
    .mutation(({ ctx, input }) => startVerification(verbContext(ctx), input)),
  verification: operatorProcedure
    .meta({
      openapi: {
        method: "GET",
        path: "/audit/verification",
        summary: "A verification by its id, or the newest",
      },
    })
    .input(z.object({ id: z.uuid().optional() }))
    .output(verificationView)
    .query(({ ctx, input }) => readVerification(verbContext(ctx), input)),
  latestVerification: operatorProcedure
    .output(verificationView.nullable())
    .query(({ ctx }) => readLatestVerification(verbContext(ctx))),
});
