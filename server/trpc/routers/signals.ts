import { z } from "zod";
import { makeSignalSource } from "../../flows/make-signal-source.ts";
import { testSignalSource } from "../../flows/test-signal-source.ts";
import { createKeyStore } from "../../keys/key-store.ts";
import { ensureBox } from "../../keys/role-box.ts";
import { roleKekFromEnv } from "../../keys/role-kek.ts";
import { changeSignalSource } from "../../layers/monitoring/change-signal-source.ts";
import { listSignalSources } from "../../layers/monitoring/list-signal-sources.ts";
import { listSignals } from "../../layers/monitoring/list-signals.ts";
import { readSignal } from "../../layers/monitoring/read-signal.ts";
import { rotateSignalSecret } from "../../layers/monitoring/rotate-signal-secret.ts";
import { receivedSignal } from "../../layers/monitoring/signal-schema.ts";
import {
  changeSourceInput,
  listSignalsInput,
  makeSourceInput,
  rotateSecretInput,
  signalDetail,
  signalPage,
  sourceView,
  switchSourceInput,
  testSourceInput,
} from "../../layers/monitoring/signal-source-schema.ts";
import { switchSignalSource } from "../../layers/monitoring/switch-signal-source.ts";
import type { Context } from "../context.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

const versioned = z.object({ version: z.number().int() });

/** Sources of signals, and what they told. */
export const signalsRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/signals", summary: "Signals of other systems, newest first" } })
    .input(listSignalsInput)
    .output(signalPage)
    .query(({ ctx, input }) => listSignals(verbContext(ctx), input)),
  get: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/signals/{id}", summary: "One signal, with its payload as it came" },
    })
    .input(z.object({ id: z.uuid() }))
    .output(signalDetail)
    .query(({ ctx, input }) => readSignal(verbContext(ctx), input)),
  sources: operatorProcedure
    .meta({
      openapi: { method: "GET", path: "/signal-sources", summary: "Sources of signals and their health" },
    })
    .output(z.array(sourceView))
    .query(({ ctx }) => listSignalSources(verbContext(ctx))),
  make: steppedUpProcedure.input(makeSourceInput).mutation(async ({ ctx, input }) => {
    await ensureConsoleBox(ctx);
    return makeSignalSource(verbContext(ctx), input);
  }),
  rotate: steppedUpProcedure
    .input(rotateSecretInput)
    .mutation(({ ctx, input }) => rotateSignalSecret(verbContext(ctx), input)),
  change: operatorProcedure
    .meta({
      openapi: {
        method: "PUT",
        path: "/signal-sources/{sourceId}",
        summary: "Change a source's mapping and bounds",
      },
    })
    .input(changeSourceInput)
    .output(versioned)
    .mutation(({ ctx, input }) => changeSignalSource(verbContext(ctx), input)),
  switch: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/signal-sources/{sourceId}/switch",
        summary: "Switch a source off or on",
      },
    })
    .input(switchSourceInput)
    .output(versioned)
    .mutation(({ ctx, input }) => switchSignalSource(verbContext(ctx), input)),
  test: operatorProcedure
    .meta({
      openapi: {
        method: "POST",
        path: "/signal-sources/{sourceId}/trial",
        summary: "Send a trial through a source's mapping",
      },
    })
    .input(testSourceInput)
    .output(receivedSignal)
    .mutation(({ ctx, input }) => testSignalSource(verbContext(ctx), input)),
});

/** Signing secrets are sealed for the console itself, which makes its box when it is first needed. */
function ensureConsoleBox({ db, env, now }: Pick<Context, "db" | "env" | "now">): Promise<void> {
  return ensureBox(createKeyStore(db, "console", roleKekFromEnv(env, "console")), now);
}
