import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import { z } from "zod";
import { ACTION_LIMITS, action } from "../server/layers/monitoring/action.ts";
import { AgentError } from "./errors.ts";
import type { VigilAgent } from "./vigil-agent.ts";

const SOCKET = "vigil.sock";
const actions = z.array(action).min(1).max(ACTION_LIMITS.perRequestMax);

/**
 * The sidecar: an agent's program speaks to it over a Unix socket in the agent's directory, which only its
 * user can reach, and needs no keys, tokens or signatures of its own. `POST /actions` (a JSON array)
 * answers as the gateway does; `GET /health` says when each credential ends.
 *
 * @throws AgentError `already_running` where another sidecar holds the socket.
 */
export async function openSidecar(
  directory: string,
  agent: VigilAgent,
): Promise<{ socket: string; server: Server }> {
  const socket = path.join(directory, SOCKET);
  if (await answers(socket))
    throw new AgentError("already_running", 0, `Another sidecar serves ${directory} already.`);
  rmSync(socket, { force: true });
  const server = createServer((request, response) => {
    respond(agent, request).then(
      ([status, body]) => write(response, status, body),
      (error: unknown) => write(response, ...failure(error)),
    );
  });
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return { socket, server };
}

async function respond(agent: VigilAgent, request: IncomingMessage): Promise<[number, unknown]> {
  if (request.method === "GET" && request.url === "/health")
    return [200, { agent: agent.name, did: agent.did, expiries: agent.expiries() }];
  if (request.method !== "POST" || request.url !== "/actions")
    throw new AgentError("unknown_path", 404, "There are POST /actions and GET /health.");
  const parsed = actions.safeParse(await readJson(request));
  if (!parsed.success)
    throw new AgentError(
      "actions_malformed",
      400,
      z.prettifyError(parsed.error).split("\n")[0] ?? "malformed",
    );
  const answer = await agent.report(parsed.data);
  return [answer.admitted > 0 ? 202 : 403, answer];
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > ACTION_LIMITS.bodyBytesMax)
      throw new AgentError("body_too_large", 413, "The body is too large.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new AgentError("actions_malformed", 400, "The body is not JSON.");
  }
}

function failure(error: unknown): [number, unknown] {
  if (!(error instanceof AgentError))
    return [500, { error: { code: "internal", message: "The sidecar failed.", facts: {} } }];
  const { code, message, facts } = error;
  return [error.status || 503, { error: { code, message, facts } }];
}

function write(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Whether a living process listens there; a socket file that a killed one left does not answer. */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}
