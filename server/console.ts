import { createServer, type Server } from "node:http";
import path from "node:path";
import next from "next";
import { type Env, readEnv } from "./env.ts";
import { endWithParent, isProgram } from "./process-end.ts";

/** Where the routes find the address of the connection, which Next does not hand them. */
const PEER_HEADER = "x-vigil-peer";

/**
 * The people's door: Next.js over HTTP on the console's port (a bank ends TLS in front of it).
 *
 * @throws Error with one line that names the variable when the port is taken.
 */
export async function startConsole(env: Env): Promise<{ close: () => Promise<void> }> {
  const app = next({
    dev: false,
    dir: path.dirname(import.meta.dirname),
    port: env.consolePort,
    hostname: "localhost",
  });
  await app.prepare();
  const handle = app.getRequestHandler();
  const server = createServer((request, response) => {
    // Attacker-controlled otherwise: what the peer's address is, only this process knows.
    request.headers[PEER_HEADER] = request.socket.remoteAddress ?? "";
    void handle(request, response);
  });
  await listening(server, env.consolePort);
  return {
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
    },
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`Port ${port} is in use. End the program that holds it, or set VIGIL_CONSOLE_PORT.`)
          : error,
      ),
    );
    server.listen(port, resolve);
  });
}

if (isProgram(import.meta.filename)) {
  const console_ = await startConsole(readEnv());
  endWithParent(() => console_.close());
  process.send?.("ready");
}
