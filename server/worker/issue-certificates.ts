import { eq } from "drizzle-orm";
import type { JWK } from "jose";
import { sealedKeys } from "../../db/schema/index.ts";
import { answerCertificateRequest } from "../layers/identity/answer-certificate-request.ts";
import { doorHosts } from "../layers/identity/engine/door-hosts.ts";
import { DOOR_KEY, issueDoorCertificate } from "../layers/identity/issue-door-certificate.ts";
import { openAuthority, signerOf } from "../layers/identity/open-authority.ts";
import { signRevocationLists } from "../layers/identity/sign-revocation-lists.ts";
import { openRequests } from "../layers/identity/store.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";

const REQUESTS_A_RUN_MAX = 32;

/**
 * Signs what only the worker can: agents' certificates, revocation lists, and the doors' own certificate
 * before it ends. Requests are answered one transaction each, so that a bad one holds up no other.
 */
export const issueCertificates: Duty = {
  name: "issue-certificates",
  everyMs: 1_000,
  wakes: ["certificate-request", "certificate"],
  run: async (context) => {
    const answered = await answerRequests(context);
    const lists = await context.db.transaction(async (tx) => {
      await holdLease(tx, context.lease);
      const openSigner = async (authority: { certificatePem: string; keyName: string }) =>
        signerOf(authority.certificatePem, await context.keys.open(authority.keyName));
      return signRevocationLists(tx, { openSigner, now: context.now });
    });
    await renewDoor(context);
    if (answered > 0 || lists > 0) context.publish({ answered, lists, at: context.now.toISOString() });
    return { more: answered === REQUESTS_A_RUN_MAX };
  },
};

async function answerRequests({ db, keys, lease, log, now }: DutyContext): Promise<number> {
  const requests = await openRequests(db, REQUESTS_A_RUN_MAX);
  for (const request of requests) {
    try {
      await answerCertificateRequest(db, {
        request,
        openIssuer: (purpose) => openAuthority(db, keys, purpose),
        fence: (tx) => holdLease(tx, lease),
        now,
      });
    } catch (error) {
      if ((error as { code?: string }).code === "lease_lost") throw error;
      log.error({ err: error, requestId: request.id }, "a certificate request could not be answered");
    }
  }
  return requests.length;
}

async function renewDoor({ db, env, keys, lease, now }: DutyContext): Promise<void> {
  const [door] = await db
    .select({ publicJwk: sealedKeys.publicJwk })
    .from(sealedKeys)
    .where(eq(sealedKeys.name, DOOR_KEY));
  if (!door) return;
  await db.transaction(async (tx) => {
    await holdLease(tx, lease);
    await issueDoorCertificate(tx, {
      server: await openAuthority(tx, keys, "server"),
      doorKey: door.publicJwk as JWK,
      hosts: doorHosts(env),
      now,
    });
  });
}
