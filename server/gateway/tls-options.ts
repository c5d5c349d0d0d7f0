import { constants } from "node:crypto";
import type { ServerOptions } from "node:https";
import { tlsPolicyFrom } from "../layers/identity/connection-schema.ts";
import type { DoorTls } from "./door.ts";

/**
 * What `node:tls` is told so that nothing outside the policy is ever negotiated: a client that offers no more than
 * that gets an alert. A certificate that is asked for is checked by `checkHandshake`, which can name what it refuses;
 * `rejectUnauthorized` would throw the certificate away unread.
 */
export function tlsOptions({ key, cert, ca, isPinned, minVersion = "TLSv1.3" }: DoorTls): ServerOptions {
  return {
    key,
    cert,
    minVersion,
    maxVersion: "TLSv1.3",
    ciphers: Object.values(tlsPolicyFrom(minVersion)).flat().join(":"),
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    // An empty list, not none: without one Node trusts the world's public authorities.
    ...(ca || isPinned ? { ca: ca ?? [], requestCert: true, rejectUnauthorized: false } : {}),
  };
}
