import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it } from "vitest";
import { removeClaimedCertificates } from "./remove-claimed-certificates.ts";

/** A request as Node's own parser makes it. */
async function parsed<Told>(head: string[], look: (request: IncomingMessage) => Told): Promise<Told> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await new Promise<Told>((resolve, reject) => {
      server.on("request", (request, response) => {
        response.end();
        try {
          resolve(look(request));
        } catch (error) {
          reject(error);
        }
      });
      const { port } = server.address() as AddressInfo;
      const socket = connect(port, "127.0.0.1").on("error", reject);
      socket.end(`GET / HTTP/1.1\r\n${head.join("\r\n")}\r\nConnection: close\r\n\r\n`);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it("takes the fields off however they are written, in each form in which Node holds them", async () => {
  const head = [
    ...["Host: localhost", "CLIENT-CERT: :a:", "Client-Cert: :b:", "client-cert-chain: :c:"],
    ...["X-Forwarded-Client-Cert: Cert=x", "Vigil-Client-TLS: TLSv1.3", "Accept: client-cert"],
  ];
  for (const readBefore of [false, true])
    await parsed(head, (request) => {
      if (readBefore) expect(request.headersDistinct["client-cert"]).toEqual([":a:", ":b:"]);
      expect(removeClaimedCertificates(request)).toBe(true);
      expect(request.headers).toEqual({ host: "localhost", accept: "client-cert", connection: "close" });
      expect(Object.keys(request.headersDistinct).sort()).toEqual(["accept", "connection", "host"]);
      expect(request.rawHeaders).toEqual([
        ...["Host", "localhost", "Accept", "client-cert", "Connection", "close"],
      ]);
    });
});

it("leaves a request alone that has none", async () => {
  await parsed(["Host: localhost", "Client-Certificate: no"], (request) => {
    const { rawHeaders } = request;
    expect(removeClaimedCertificates(request)).toBe(false);
    expect(request.rawHeaders).toBe(rawHeaders);
    expect(request.headers["client-certificate"]).toBe("no");
  });
});
