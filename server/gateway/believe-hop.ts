import { createHash, type X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { UnauthenticatedError } from "../kernel/errors.ts";
import { HOP_FIELDS, type HopField } from "../kernel/trusted-hops.ts";
import {
  type CheckedCertificate,
  checkForwardedCertificate,
  isInTime,
} from "../layers/identity/engine/check-forwarded-certificate.ts";
import { readForwardedCertificate } from "../layers/identity/engine/read-forwarded-certificate.ts";
import type { Denials } from "./denials.ts";
import type { Connections } from "./observe-connections.ts";
import { setForwardedPeer } from "./peer.ts";
import { readHopTls } from "./read-hop-tls.ts";
import { removeClaimedCertificates } from "./remove-claimed-certificates.ts";
import type { Sightings } from "./sightings.ts";

/** Certificates whose signature was checked are remembered up to this many; the one remembered longest goes first. */
const REMEMBERED_MAX = 2_000;

type Deps = {
  anchors: () => readonly X509Certificate[];
  denials: Denials;
  connections: Pick<Connections, "seen">;
  sightings: Pick<Sightings, "certificate">;
};

/**
 * Takes the client's certificate from the fields of a request that a trusted hop sent, verifies it again and makes it
 * the request's own; the fields go. The hop's own certificate never counts for a request.
 *
 * @returns what the hops' door does first with each request; it throws UnauthenticatedError naming what is wrong.
 */
export function believeHop(
  { anchors, denials, connections, sightings }: Deps,
  pins: ReadonlyMap<string, HopField>,
) {
  const check = rememberChecks(anchors);
  const fieldOf = rememberFields(pins);
  return (request: IncomingMessage, now: Date): void => {
    const { headersDistinct } = request;
    const sourceIp = sourceOf(request);
    const field = fieldOf(request.socket as TLSSocket);
    const read = readForwardedCertificate({
      clientCert: headersDistinct["client-cert"] ?? [],
      xfcc: headersDistinct["x-forwarded-client-cert"] ?? [],
    });
    const claim = read.ok && !(field && headersDistinct[HOP_FIELDS[field]]) ? NOT_ITS_FIELD : read;
    const tls = readHopTls(headersDistinct["vigil-client-tls"] ?? []);
    removeClaimedCertificates(request);
    const checked: CheckedCertificate = claim.ok ? check(claim) : claim;
    if (!checked.ok) {
      if (checked.certificate)
        sightings.certificate("certificate_foreign", { certificate: checked.certificate }, sourceIp, now);
      throw refused(denials, checked, sourceIp, now);
    }
    const { certificate, thumbprint } = checked;
    if (!isInTime(certificate, now))
      throw refused(
        denials,
        { code: "certificate_expired", message: "This certificate is not valid at this time. Renew it." },
        sourceIp,
        now,
      );
    setForwardedPeer(request, { certificate, thumbprint, sourceIp });
    sightings.certificate("certificate_unknown", checked, sourceIp, now);
    if (tls?.isFirst) connections.seen({ ...tls.negotiated, thumbprint, path: "hop" }, now);
  };
}

const NOT_ITS_FIELD = {
  ok: false,
  code: "client_certificate_header_unexpected",
  message:
    "This hop forwards certificates in another field. It must remove this one from what its clients send.",
} as const;

/** The field of each connection's hop, by the certificate that it proved. */
function rememberFields(pins: ReadonlyMap<string, HopField>) {
  const fields = new WeakMap<TLSSocket, HopField>();
  return (socket: TLSSocket): HopField | undefined => {
    const held = fields.get(socket);
    if (held) return held;
    const raw = socket.getPeerX509Certificate()?.raw;
    const field = raw && pins.get(createHash("sha256").update(raw).digest("hex"));
    if (field) fields.set(socket, field);
    return field;
  };
}

function refused(
  denials: Denials,
  { code, message }: { code: string; message: string },
  sourceIp: string,
  now: Date,
): UnauthenticatedError {
  denials.count({ agent: null, code, sourceIp }, now);
  return new UnauthenticatedError(code, message);
}

/** Checks each certificate's signature once, until the anchors change. Only what holds is remembered. */
function rememberChecks(anchors: Deps["anchors"]) {
  const remembered = new Map<string, CheckedCertificate>();
  let rememberedFor = anchors();
  return (claim: { der: Buffer; hash: string | null }): CheckedCertificate => {
    if (rememberedFor !== anchors()) {
      remembered.clear();
      rememberedFor = anchors();
    }
    const key = `${claim.hash} ${claim.der.toString("latin1")}`;
    const held = remembered.get(key);
    if (held) return held;
    const checked = checkForwardedCertificate(claim, rememberedFor);
    if (!checked.ok) return checked;
    if (remembered.size >= REMEMBERED_MAX)
      for (const oldest of remembered.keys()) {
        remembered.delete(oldest);
        break;
      }
    remembered.set(key, checked);
    return checked;
  };
}

/** The agent's address as the hop saw it: the last of `X-Forwarded-For`, which the hop itself put there. */
function sourceOf(request: IncomingMessage): string {
  const told = request.headersDistinct["x-forwarded-for"]?.at(-1)?.split(",").at(-1)?.trim() ?? "";
  return isIP(told) ? told : (request.socket.remoteAddress ?? "unknown");
}
