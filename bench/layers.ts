import { authorizeRequest } from "../server/flows/admit-action/authorize-request.ts";
import { checkIsolation } from "../server/flows/admit-action/check-isolation.ts";
import {
  checkInService,
  checkSignature,
  identifyConnection,
} from "../server/flows/admit-action/identify-caller.ts";
import { judgeActions } from "../server/flows/admit-action/judge-actions.ts";
import { readActions } from "../server/flows/admit-action/read-actions.ts";
import { writeEntries } from "../server/flows/admit-action/write-entries.ts";
import { createGroupCommit } from "../server/gateway/group-commit.ts";
import type { TestAgent } from "../server/gateway/testing/test-agent.ts";
import { canonicalBytes, type Json } from "../server/kernel/canonical.ts";
import { present } from "../server/kernel/ensure.ts";
import { sha256 } from "../server/kernel/hash.ts";
import { scopeForAction } from "../server/layers/authorization/engine/scope-for-action.ts";
import { emptySlice, foldAction } from "../server/layers/monitoring/engine/slice.ts";
import { type BenchSystem, startBenchSystem } from "./lib/bench-system.ts";
import { type Bench, type Figure, meansMs } from "./lib/figure.ts";
import { insertOneFloor, verifyFloor } from "./lib/floors.ts";
import { prepareRequest } from "./lib/prepare-request.ts";
import {
  bareHttps,
  doorCertificate,
  emptyDoor,
  overKeptAlive,
  overNewConnection,
} from "./lib/round-trips.ts";

const BATCH = 64;
const BARE = "bare https, kept alive";
const WHOLE = "the whole, one after the other on one connection";

/** What each layer costs one single-action request, and whether the parts on its path add up to the whole. */
const bench: Bench = async ({ small }) => {
  const system = await startBenchSystem(1);
  try {
    return await measure(system, present(system.agents[0], "the agent"), small ? 300 : 15_000);
  } finally {
    await system.close();
  }
};
export default bench;

type Work = () => Promise<unknown> | unknown;
/** The parts that a request meets one after the other, with the whole; and others, measured apart from them. */
type Parts = { onPath: Record<string, Work>; aside: Record<string, Work>; close: () => void };

async function measure(system: BenchSystem, agent: TestAgent, ms: number): Promise<Figure[]> {
  const verifyMs = 1000 / verifyFloor(Math.min(ms, 1_000));
  const insertMs = await insertOneFloor(system.ownerUrl, Math.min(ms, 2_000));
  const { onPath, aside, close } = await makeParts(system, agent);
  // In turns, so that whatever else the machine does meets every part and the whole alike.
  const took = { ...(await meansMs(onPath, ms)), ...(await meansMs(aside, ms)) };
  close();
  const of = (what: string) => took[what] ?? Number.NaN;
  const floors: Record<string, Figure["floor"]> = {
    "mTLS + HTTP + door, kept alive": { what: "bare https", value: of(BARE) },
    "1 identity: certificate, status, signature": { what: "Ed25519 verify", value: verifyMs },
    "2 authorization: token, first seen": { what: "Ed25519 verify", value: verifyMs },
    "5 audit: group commit, alone": { what: "bare insert of one row", value: insertMs },
  };
  const figure = (what: string, value: number, floor?: Figure["floor"]): Figure => ({
    ...{ bench: "layers", what, value, unit: "ms" },
    ...(floor ? { floor } : {}),
  });
  const parts = Object.keys(onPath).filter((what) => what !== BARE && what !== WHOLE);
  const sum = parts.reduce((total, what) => total + of(what), 0);
  return [
    ...parts.map((what) => figure(what, of(what), floors[what])),
    figure("the sum of these parts", sum, { what: "the whole", value: of(WHOLE) }),
    figure(WHOLE, of(WHOLE), { what: "bare https", value: of(BARE) }),
    ...Object.keys(aside).map((what) =>
      figure(`aside: ${what}`, what.includes("64") ? of(what) / BATCH : of(what), floors[what]),
    ),
  ];
}

async function makeParts(system: BenchSystem, agent: TestAgent): Promise<Parts> {
  const body = JSON.stringify([
    { action: "transactions.read", at: new Date().toISOString(), transactionId: "tx-1", bytes: 1_024 },
  ]);
  const { world, caller, request, facts, actions, bearer, freshVerifier, entry } = await prepareRequest(
    system,
    agent,
    body,
  );
  const certificate = await doorCertificate(system);
  const answer = JSON.stringify(entry().answer);
  const servers = [await bareHttps(certificate, answer), await emptyDoor(certificate, world)] as const;
  const signed = await agent.sign(body);
  const bare = overKeptAlive(agent, servers[0].url);
  const door = overKeptAlive(agent, servers[1].url);
  const gateway = overKeptAlive(agent, request.targetUri);
  const connect = overNewConnection(agent, servers[0].url, signed);
  const queue = createGroupCommit(
    (entries) => writeEntries(system.db, entries),
    () => performance.now(),
  );
  const { now } = facts;
  let ready = entry();
  const record = JSON.parse(ready.record.body.toString("utf8")) as Json;
  const action = { action: "transactions.read", atMs: now.getTime(), bytes: 1_024, refused: false };
  return {
    onPath: {
      "the agent's own signing": () => agent.sign(body),
      "mTLS + HTTP + door, kept alive": () => door.send(signed),
      "1 identity: certificate, status, signature": () => {
        identifyConnection(world, request, now);
        checkInService(world, caller.agent);
        checkSignature(world, caller.agent, request, now);
      },
      "2 authorization: token, seen before": () => authorizeRequest(world, caller, request, now),
      "the body: strict JSON, schema, canonical form": () => readActions(request),
      "2 + 3 + 4 policy, isolation, rules, window fold": () => {
        checkIsolation(world, caller.agent, now);
        judgeActions(facts, actions, request.sourceIp);
      },
      "5 audit: record, its hash, signed receipt": () => {
        ready = entry();
      },
      "5 audit: group commit, alone": () => queue.commit(ready),
      [BARE]: () => bare.send(signed),
      [WHOLE]: async () => gateway.send(await agent.sign(body)),
    },
    aside: {
      "mTLS, new connection": () => connect(false),
      "mTLS, resumed": () => connect(true),
      "2 authorization: token, first seen": () => freshVerifier()(bearer, now),
      "2 policy: scope of one action": () => scopeForAction(world.policy(), action.action),
      "4 monitoring: window fold of one action": () => foldAction(emptySlice(), action),
      "5 audit: canonical form + hash of the record": () => sha256(canonicalBytes(record)),
      [`5 audit: group commit, a ${BATCH}th of ${BATCH}, with its record`]: () =>
        writeEntries(system.db, Array.from({ length: BATCH }, entry)),
    },
    close: () => {
      for (const pool of [bare, door, gateway]) pool.close();
      for (const server of servers) server.close();
    },
  };
}
