/** The worker of a bench: as in production, but for the duties that its arguments name. */
import { readEnv } from "../../server/env.ts";
import { endWithParent } from "../../server/process-end.ts";
import { giveWay } from "../../server/worker/give-way.ts";
import { startWorker } from "../../server/worker/main.ts";
import { DUTIES } from "../../server/worker/registry.ts";

giveWay();
const without = process.argv.slice(2);
const worker = await startWorker(
  readEnv(),
  DUTIES.filter(({ name }) => !without.includes(name)),
);
endWithParent(worker.close);
process.send?.("ready");
