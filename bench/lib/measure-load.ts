import type { BenchSystem } from "./bench-system.ts";
import { cpuOfTree } from "./cpu-of.ts";
import { type Figure, quantile } from "./figure.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { runLoad } from "./run-load.ts";
import type { TokenOrder } from "./token-load.ts";

/** CPU that one request took of each process, in milliseconds: steadier than time, on a machine that others use too. */
export type CpuPerRequest = { gateway: number; worker: number; PostgreSQL: number; "load process": number };

/** Runs a load against the gateway and says what each process spent on it while it was measured. */
export async function measureLoad(
  system: BenchSystem,
  order: LoadOrder | TokenOrder,
): Promise<LoadResult & { cpu: CpuPerRequest }> {
  const spent = () => ({
    gateway: cpuOfThisProcess(),
    worker: cpuOfTree(system.workerPid),
    PostgreSQL: cpuOfTree(system.postgresPid),
  });
  let before = spent();
  const result = await runLoad(order, () => {
    before = spent();
  });
  const after = spent();
  const requests = result.latenciesMs.length;
  return {
    ...result,
    cpu: {
      gateway: (after.gateway - before.gateway) / requests,
      worker: (after.worker - before.worker) / requests,
      PostgreSQL: (after.PostgreSQL - before.PostgreSQL) / requests,
      "load process": result.cpuMs / requests,
    },
  };
}

/** The figures of a load's latency and CPU; `at` says which load. */
export function loadFigures(
  bench: string,
  at: string,
  { latenciesMs, lateMs, cpu }: LoadResult & { cpu: CpuPerRequest },
): Figure[] {
  const ms = (what: string, value: number): Figure => ({ bench, what: `${what} ${at}`, value, unit: "ms" });
  return [
    ms("p50", quantile(latenciesMs, 0.5)),
    ms("p99", quantile(latenciesMs, 0.99)),
    ms("worst", quantile(latenciesMs, 1)),
    ms("p99 of the load process' own lateness", quantile(lateMs, 0.99)),
    ...Object.entries(cpu).map(([who, value]) => ms(`CPU for one request: ${who}`, value)),
  ];
}

function cpuOfThisProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
