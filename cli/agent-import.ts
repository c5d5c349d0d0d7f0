import { createReadStream } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { enrol } from "../agent/enrol.ts";
import { AgentError } from "../agent/errors.ts";
import {
  actionOf,
  agentNameOf,
  type RecordedCall,
  recordedCall,
  shiftToNow,
} from "../agent/import/cloudtrail.ts";
import { type ImportTally, reconcile, tallyLine } from "../agent/import/tally-import.ts";
import { isEnrolled } from "../agent/state.ts";
import { openAgent } from "../agent/vigil-agent.ts";
import { ACTION_LIMITS } from "../server/layers/monitoring/action.ts";

const USAGE =
  "vigil agent import cloudtrail <calls.ndjson> --console <http://…:3000> --enrol-url <https://…:8444> --api-key <key> --dir <directory> [--zone a] [--batch <1-1000>]";
const SCOPES = ["cloud:read"];
const CANNOT = 2;

type Order = {
  console: string;
  enrolUrl: string;
  apiKey: string;
  dir: string;
  zone: string;
  batchMax: number;
};

/**
 * Brings a cloud account's recorded calls in through enrolled agents, one for each principal, and says what
 * became of every one of them.
 *
 * @returns the exit code: 0 all admitted, 1 some refused, 2 it could not be done.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      console: { type: "string", default: "http://localhost:3000" },
      "enrol-url": { type: "string", default: "https://localhost:8444" },
      "api-key": { type: "string" },
      dir: { type: "string" },
      zone: { type: "string", default: "a" },
      batch: { type: "string", default: String(ACTION_LIMITS.perRequestMax) },
    },
  });
  const apiKey = values["api-key"] ?? process.env.VIGIL_API_KEY;
  const batchMax = Number(values.batch);
  const [format, file] = positionals;
  const batchIsWrong = !Number.isInteger(batchMax) || batchMax < 1 || batchMax > ACTION_LIMITS.perRequestMax;
  if (format !== "cloudtrail" || !file || !apiKey || !values.dir || batchIsWrong) {
    process.stderr.write(`usage: ${USAGE}\n`);
    return CANNOT;
  }
  const order = {
    console: values.console,
    enrolUrl: values["enrol-url"],
    apiKey,
    dir: values.dir,
    zone: values.zone,
    batchMax,
  };
  return await importCalls(file, order);
}

async function importCalls(file: string, order: Order): Promise<number> {
  const { calls, malformed } = await readCalls(file);
  const shift = shiftToNow(calls, Date.now());
  const tallies: ImportTally[] = [];
  for (const [name, own] of byAgent(calls)) {
    const tally = await reportAs(name, own, shift, order);
    tallies.push(tally);
    process.stderr.write(`${tallyLine(tally)}\n`);
  }
  const summary = reconcile(calls.length, malformed, tallies);
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.refused > 0 || malformed > 0 || !summary.reconciled ? 1 : 0;
}

async function readCalls(file: string): Promise<{ calls: RecordedCall[]; malformed: number }> {
  const calls: RecordedCall[] = [];
  let malformed = 0;
  for await (const line of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line.trim() === "") continue;
    const parsed = recordedCall.safeParse(parseLine(line));
    if (parsed.success) calls.push(parsed.data);
    else malformed += 1;
  }
  if (calls.length === 0)
    throw new Error(`${file} holds no recorded call; see docs/import-cloudtrail.md for its form.`);
  return { calls, malformed };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function byAgent(calls: RecordedCall[]): Map<string, RecordedCall[]> {
  const groups = new Map<string, RecordedCall[]>();
  for (const call of calls) {
    const name = agentNameOf(call.principal);
    groups.set(name, [...(groups.get(name) ?? []), call]);
  }
  return groups;
}

async function reportAs(
  name: string,
  calls: RecordedCall[],
  shift: number,
  order: Order,
): Promise<ImportTally> {
  const directory = path.join(order.dir, name);
  if (!isEnrolled(directory)) await registerAndEnrol(name, directory, order);
  const agent = openAgent(directory, { scopes: SCOPES });
  const tally: ImportTally = { agent: name, read: calls.length, admitted: 0, refused: 0, reasons: {} };
  const refuse = (code: string, count: number) => {
    tally.refused += count;
    tally.reasons[code] = (tally.reasons[code] ?? 0) + count;
  };
  try {
    for (let from = 0; from < calls.length; from += order.batchMax) {
      const batch = calls.slice(from, from + order.batchMax);
      try {
        const answer = await agent.report(batch.map((call) => actionOf(call, shift)));
        tally.admitted += answer.admitted;
        for (const { code } of answer.refused) refuse(code, 1);
      } catch (error) {
        if (!(error instanceof AgentError) || error.status !== 403) throw error;
        refuse(error.code, batch.length);
      }
    }
    return tally;
  } finally {
    await agent.close();
  }
}

async function registerAndEnrol(name: string, directory: string, order: Order): Promise<void> {
  const me = await ask<{ id: string }>(order, "GET", "/me");
  await ask(order, "POST", "/agents", {
    name,
    title: "Imported principal",
    ownerId: me.id,
    zone: order.zone,
    scopes: SCOPES,
  });
  const { joinToken } = await ask<{ joinToken: string }>(order, "POST", `/agents/${name}/join-tokens`);
  await enrol({ enrolUrl: order.enrolUrl, joinToken, directory });
}

async function ask<T>(order: Order, method: "GET" | "POST", route: string, body?: object): Promise<T> {
  const answer = await fetch(new URL(`/api/v1${route}`, order.console), {
    method,
    headers: {
      authorization: `Bearer ${order.apiKey}`,
      ...(method === "POST" ? { "content-type": "application/json" } : {}),
    },
    ...(method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
  });
  if (answer.status === 409 && route === "/agents") return {} as T;
  if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
