import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Database } from "../../../db/client.ts";
import { checkInService, identifyConnection } from "../../flows/admit-action/identify-caller.ts";
import type { AgentRequest, World } from "../../flows/admit-action/world.ts";
import { mayFollowRevocations, refuseFollower } from "../../flows/admit-follower.ts";
import { InvalidInputError, VigilError } from "../../kernel/errors.ts";
import { REVOCATIONS_PATH } from "../../layers/authorization/revocation-schema.ts";
import { agentRequest } from "../agent-request.ts";
import type { Denials } from "../denials.ts";
import { refuseCaller } from "../refuse-caller.ts";
import type { RevocationFeed } from "../revocations/create-feed.ts";
import { type Cursor, readCursor } from "../revocations/held-revocations.ts";
import { openStream } from "../revocations/open-stream.ts";
import type { Sockets } from "../track-sockets.ts";

/** Readers of one gateway at a time, and of one resource server: its instances, and reconnects that overlap. */
const FOLLOWERS_MAX = 200;
const FOLLOWERS_EACH_MAX = 4;

const query = z.object({ since: z.string().max(40).optional() });

type Deps = {
  db: Database;
  world: World;
  denials: Denials;
  sockets: Sockets;
  origins: ReadonlySet<string>;
  feed: RevocationFeed;
  clock: () => Date;
};

/**
 * `GET /v1/revocations`: for resource servers, server-sent events of what is revoked, first what is now, then each
 * change; from `Last-Event-ID` or `?since=` on for one that was here before.
 */
export function revocationRoutes(app: FastifyInstance, deps: Deps): void {
  const { world, feed, clock } = deps;
  const open = new Map<() => void, string>();
  app.addHook("preClose", async () => {
    for (const end of [...open.keys()]) end();
  });
  app.get(REVOCATIONS_PATH, async (request, reply) => {
    const asked = agentRequest(request, deps);
    const agent = await callerOf(deps, asked, clock());
    const cursor = cursorOf(request.query, request.headers["last-event-id"]);
    makeRoom(open, agent.id);
    const end = () => void reply.raw.destroy();
    open.set(end, agent.id);
    const stream = openStream(reply.raw, {
      mayFollow: () => mayFollow(world, asked, clock()),
      onEnd: () => {
        open.delete(end);
        feed.leave(stream);
      },
    });
    // Until the first byte is written an error is answered as everywhere else; the connection goes with it.
    const missed = await feed.follow(stream, cursor).catch((error: unknown) => {
      open.delete(end);
      throw error;
    });
    reply.hijack();
    if (reply.raw.destroyed) return feed.leave(stream);
    reply.raw.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    reply.raw.socket?.setNoDelay(true);
    stream.begin(missed);
  });
}

/**
 * Ends the oldest stream of a resource server that has as many as it may: after a crash those are its own dead
 * connections, which nobody else would end before they stall.
 *
 * @throws VigilError `too_many_streams` (429) where the gateway has no more to give.
 */
function makeRoom(open: Map<() => void, string>, agentId: string): void {
  const own = [...open].filter(([, id]) => id === agentId).map(([end]) => end);
  for (const end of own.slice(0, Math.max(0, own.length - FOLLOWERS_EACH_MAX + 1))) {
    open.delete(end);
    end();
  }
  if (open.size < FOLLOWERS_MAX) return;
  throw new VigilError(
    "too_many_streams",
    429,
    `This gateway has ${FOLLOWERS_MAX} streams open and takes no more. Ask another gateway, or again later.`,
  );
}

async function callerOf(deps: Deps, asked: AgentRequest, now: Date) {
  const caller = identifyConnection(deps.world, asked, now);
  if (!caller.ok) throw refuseCaller(deps, asked, null, caller.refusal, now);
  const { agent } = caller;
  const inService = checkInService(deps.world, agent);
  if (!inService.ok) throw refuseCaller(deps, asked, agent, inService.refusal, now);
  if (mayFollowRevocations(agent)) return agent;
  const { sourceIp } = asked;
  const denial = { agent, code: "not_a_resource_server", sourceIp, signed: false };
  throw await refuseFollower(
    { db: deps.db, now },
    { agent, sourceIp, mayRecord: deps.denials.mayRecord(denial, now) },
  );
}

/** Asked before everything that is written: through a proxy the connection itself outlives its agent's rights. */
function mayFollow(world: World, asked: AgentRequest, now: Date): boolean {
  const caller = identifyConnection(world, asked, now);
  return (
    caller.ok &&
    mayFollowRevocations(caller.agent) &&
    checkInService(world, caller.agent).ok &&
    caller.agent.isolation.state !== "deny_all"
  );
}

function cursorOf(asked: unknown, lastEventId: string | string[] | undefined): Cursor | null {
  const { since } = query.safeParse(asked).data ?? {};
  const text = typeof lastEventId === "string" && lastEventId !== "" ? lastEventId : since;
  if (text === undefined || text === "") return null;
  const cursor = readCursor(text);
  if (!cursor)
    throw new InvalidInputError(
      "cursor_invalid",
      "Last-Event-ID and since take the id of an event of this stream. Leave them out to get the present state.",
    );
  return cursor;
}
