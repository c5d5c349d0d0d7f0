/** The load generator: a process of its own, so that its signing does not sit in the gateway's event loop. */
import { createPrivateKey, randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Agent, request } from "undici";
import { KEEP_ALIVE_MS } from "../../agent/connection.ts";
import { signRequest } from "../../server/kernel/http-signature.ts";
import { isProgram } from "../../server/process-end.ts";

export type LoadAgent = {
  token: string;
  rootPem: string;
  transport: { keyPem: string; certificatePem: string };
  signature: { keyPem: string; keyId: string };
};
export type LoadOrder = {
  url: string;
  agents: LoadAgent[];
  /** Empty for the floor: then requests are not signed and carry this body alone. */
  signed: boolean;
  actionsPerRequest: number;
  /** The same load before it is measured: connections open, caches fill, code compiles. */
  warmSeconds: number;
  seconds: number;
  /** As fast as this many at once can, or at a steady rate. */
  pace: { concurrency: number } | { perSecond: number };
  /** Whether what is answered with 503 is sent again as it is, as the SDK does; else it counts as wrong. */
  again?: boolean;
};
export type LoadResult = {
  /** Of each request that was admitted, in no order. */
  latenciesMs: number[];
  /** How late the load process itself was with each request: a part of its latency that is not the gateway's. */
  lateMs: number[];
  seconds: number;
  /** CPU that the load process used meanwhile. */
  cpuMs: number;
  wrong: Record<string, number>;
};

const NETWORKS = ["10.1.0.7", "10.1.0.8"];
const CONNECTIONS = 2;
/** A signature counts for 60 s (architecture, an action's path). */
const SIGNED_AHEAD_SECONDS_MAX = 40;
/** The gateway says `retry-after: 1`; a signature counts for 60 s. */
const AGAIN_MS = 1_000;
const AGAIN_MAX = 18;

if (process.argv[2] === "load" && isProgram(import.meta.filename))
  process.once("message", (order: LoadOrder) => void run(order));

async function run(order: LoadOrder): Promise<void> {
  const senders = order.agents.map((agent) => senderOf(agent, order));
  signAhead(senders, order, order.warmSeconds);
  const warmed = await drive(order, senders, order.warmSeconds);
  signAhead(senders, order, order.seconds);
  process.send?.("warm");
  const result = await drive(order, senders, order.seconds);
  for (const [why, count] of Object.entries(warmed.wrong))
    result.wrong[why] = (result.wrong[why] ?? 0) + count;
  process.send?.(result, () => process.exit(0));
}

/** Sends by turns for this many seconds. @param accepted the one status of an answer that counts. */
export async function drive(
  order: Pick<LoadOrder, "pace">,
  senders: readonly Pick<Sender, "send">[],
  seconds: number,
  accepted = 202,
): Promise<LoadResult> {
  const result: LoadResult = { latenciesMs: [], lateMs: [], seconds: 0, cpuMs: 0, wrong: {} };
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const endsAt = startedAt + seconds * 1000;
  const one = async (i: number, dueAt: number) => {
    result.lateMs.push(Math.max(0, performance.now() - dueAt));
    const status = await senders[i % senders.length]?.send().catch((error: Error) => error.message);
    if (status === accepted) result.latenciesMs.push(performance.now() - dueAt);
    else result.wrong[String(status)] = (result.wrong[String(status)] ?? 0) + 1;
  };
  if ("concurrency" in order.pace)
    await Promise.all(
      Array.from({ length: order.pace.concurrency }, async (_, lane) => {
        for (let i = lane; performance.now() < endsAt; i++) await one(i, performance.now());
      }),
    );
  else await paced(order.pace.perSecond, startedAt, endsAt, one);
  const cpu = process.cpuUsage(cpuBefore);
  result.seconds = (performance.now() - startedAt) / 1000;
  result.cpuMs = (cpu.user + cpu.system) / 1000;
  return result;
}

/** Latency counts from when a request was due, not from when it could be sent: a stall shows in full. */
async function paced(
  perSecond: number,
  startedAt: number,
  endsAt: number,
  one: (i: number, dueAt: number) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  for (let i = 0; ; i++) {
    const dueAt = startedAt + (i * 1000) / perSecond;
    if (dueAt >= endsAt) break;
    const waitMs = dueAt - performance.now();
    // A timer is late by up to a millisecond and more; who is behind sends at once.
    if (waitMs > 0) await wait(Math.max(1, waitMs));
    const sending = one(i, dueAt).finally(() => running.delete(sending));
    running.add(sending);
  }
  await Promise.all(running);
}

/** An agent under load: `signAhead` makes its next request, `send` sends what was made first, or makes one now. */
type Sender = { signAhead: () => void; send: () => Promise<number> };

/**
 * At a steady rate, what will be sent is known: it is signed before the clock starts, since agents do that on machines
 * of their own and here it would take the gateway's processor.
 */
function signAhead(senders: readonly Sender[], { pace, signed }: LoadOrder, seconds: number): void {
  if (!signed || !("perSecond" in pace) || seconds > SIGNED_AHEAD_SECONDS_MAX) return;
  for (let i = 0; i < pace.perSecond * seconds; i++) senders[i % senders.length]?.signAhead();
}

function senderOf(agent: LoadAgent, order: LoadOrder): Sender {
  const dispatcher = new Agent({
    connections: CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { ca: agent.rootPem, key: agent.transport.keyPem, cert: agent.transport.certificatePem },
  });
  const privateKey = createPrivateKey(agent.signature.keyPem);
  const make = () => {
    const body = Buffer.from(JSON.stringify(actions(order.actionsPerRequest)));
    const headers = { authorization: `Bearer ${agent.token}`, "content-type": "application/json" };
    const nonce = randomBytes(18).toString("base64url");
    const signable = { method: "POST", targetUri: order.url, headers, body };
    const signature = order.signed
      ? signRequest(signable, { privateKey, keyId: agent.signature.keyId, nonce, created: new Date() })
      : {};
    return { headers: { ...headers, ...signature }, body };
  };
  const ahead: ReturnType<typeof make>[] = [];
  return {
    signAhead: () => ahead.unshift(make()),
    send: async () => {
      const { headers, body } = ahead.pop() ?? make();
      for (let left = order.again ? AGAIN_MAX : 0; ; left--) {
        const answer = await request(order.url, { dispatcher, method: "POST", headers, body });
        await answer.body.dump();
        if (answer.statusCode !== 503 || left === 0) return answer.statusCode;
        await wait(AGAIN_MS);
      }
    },
  };
}

function actions(count: number): object[] {
  const at = new Date().toISOString();
  return Array.from({ length: count }, (_, i) => ({
    action: "transactions.read",
    at,
    transactionId: `tx-${randomBytes(6).toString("hex")}`,
    endpoint: `/accounts/${i % 20}`,
    bytes: 1_024 + i,
    sourceIp: NETWORKS[i % NETWORKS.length],
  }));
}
