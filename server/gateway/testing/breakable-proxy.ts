import { connect, createServer, type Socket } from "node:net";
import { present } from "../../kernel/ensure.ts";

/** A TCP proxy whose line a test can cut without anybody being told: bytes stop, connections stay. */
export type BreakableProxy = {
  url: string;
  freeze: () => void;
  thaw: () => void;
  close: () => Promise<void>;
};

/** Stands in front of the server that `target` names, and gives the URL to reach it by. */
export async function startProxy(target: string): Promise<BreakableProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => {
        if (!frozen) to.write(bytes);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = present(server.address(), "the proxy's address");
  const url = new URL(target);
  url.port = String(typeof address === "object" ? address.port : 0);
  return {
    url: url.href,
    freeze: () => {
      frozen = true;
    },
    /** What was lost stays lost: the connections of that time end. */
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
