import type { FastifyInstance } from "fastify";
import type { JSONWebKeySet } from "jose";
import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import type { Env } from "../env.ts";
import { enrolAgent } from "../flows/enrol-agent.ts";
import { InvalidInputError, NotFoundError, VigilError } from "../kernel/errors.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { currentPolicy } from "../layers/authorization/current-policy.ts";
import { agentDidDocument } from "../layers/identity/agent-did-document.ts";
import { agentFactsDocument } from "../layers/identity/agent-facts-document.ts";
import { attestationJwks } from "../layers/identity/attestation-keys.ts";
import { crl } from "../layers/identity/crl.ts";
import type { FactsDocument } from "../layers/identity/engine/facts-document.ts";
import type { DoorCertificate } from "../layers/identity/load-door-certificate.ts";
import { enrolmentRequest } from "../layers/identity/schema.ts";
import { transportAnchors, trustBundle } from "../layers/identity/trust-bundle.ts";
import { CLAIMED_CERTIFICATE, type Denials } from "./denials.ts";
import { createDoor } from "./door.ts";
import { oauthMetadata } from "./oauth/metadata.ts";
import { createSharedWork } from "./share-work.ts";
import type { Sightings } from "./sightings.ts";
import { callbackKeys, latestCheckpoint } from "./store.ts";

const BODY_BYTES_MAX = 64 * 1024;
/** Documents of facts in the making: the agents' requests need the database, too. */
const FACTS_AT_ONCE_MAX = 2;
const FACTS_WAITING_MAX = 200;

/** The door for those who have no certificate yet: enrolment, and documents that anybody may read. */
export function createPublicDoor(deps: {
  db: Database;
  env: Env;
  log: Logger;
  certificate: DoorCertificate;
  keySet: () => JSONWebKeySet;
  /** Holds the key with which the issuing authority vouches. */
  keys: KeyStore;
  denials: Denials;
  sightings: Pick<Sightings, "enrolment">;
  /** Resolves when this gateway's other door knows what the agent was just given. */
  refresh: (did: string) => Promise<void>;
  clock: () => Date;
}): FastifyInstance {
  const { db, env, denials, clock, certificate } = deps;
  const { key, cert } = certificate;
  const count = (code: string, sourceIp: string) => denials.count({ agent: null, code, sourceIp }, clock());
  const app = createDoor({ key, cert, minVersion: env.tlsMinVersion }, BODY_BYTES_MAX, {
    log: deps.log,
    onRefusedHandshake: count,
    onClaimedCertificate: (sourceIp) => count(CLAIMED_CERTIFICATE, sourceIp),
  });

  app.post("/v1/enrolments", async (request, reply) => {
    const now = clock();
    const body = enrolmentRequest.safeParse(request.body);
    if (!body.success)
      throw new InvalidInputError(
        "malformed_enrolment",
        `The enrolment takes {joinToken, csrs: {transport, signature, oauth, callback, encryption}}: ${body.error.issues[0]?.path.join(".")} is wrong.`,
      );
    try {
      const enrolled = await enrolAgent({ db, now, env }, body.data);
      await deps.refresh(enrolled.did);
      return await reply.code(201).send(enrolled);
    } catch (error) {
      if (error instanceof VigilError && error.status < 500) count(error.code, request.ip);
      if (error instanceof VigilError && error.code === "join_token_invalid")
        await deps.sightings.enrolment(body.data.csrs.transport, request.ip, now);
      throw error;
    }
  });
  app.get("/.well-known/oauth-authorization-server", async () =>
    oauthMetadata(env, (await currentPolicy(db)).clientAuth),
  );
  app.get("/.well-known/callback-jwks.json", async () => callbackKeys(db));
  app.get("/.well-known/jwks.json", async () => deps.keySet());
  app.get<{ Params: { name: string } }>("/agents/:name/did.json", async ({ params }, reply) =>
    reply
      .type("application/did+json")
      .send(
        JSON.stringify(await agentDidDocument(db, params.name, { enrolUrl: env.enrolUrl, now: clock() })),
      ),
  );
  app.get("/.well-known/attestation-jwks.json", async () => attestationJwks(db));
  const share = createSharedWork<FactsDocument>(FACTS_AT_ONCE_MAX, FACTS_WAITING_MAX);
  app.get<{ Params: { name: string } }>("/agents/:name/facts.json", async ({ params: { name } }) =>
    share(name, () => agentFactsDocument(db, deps.keys, name, { enrolUrl: env.enrolUrl, now: clock() })),
  );
  app.get("/v1/trust-bundle", async (_request, reply) =>
    reply.type("application/x-pem-file").send(await trustBundle(db)),
  );
  app.get("/v1/trust-bundle/transport", async (_request, reply) =>
    reply.type("application/x-pem-file").send(await transportAnchors(db)),
  );
  app.get<{ Params: { file: string } }>("/v1/crl/:file", async ({ params }, reply) => {
    const ca = /^([a-z]+|[0-9a-f]{40})\.crl$/.exec(params.file)?.[1] ?? "";
    return reply.type("application/pkix-crl").send(await crl(db, ca));
  });
  app.get("/v1/log/checkpoint", async (_request, reply) => {
    const note = await latestCheckpoint(db);
    if (note === null)
      throw new NotFoundError(
        "checkpoint_missing",
        "The log has no signed checkpoint yet. Try again in a second.",
      );
    return reply.type("text/plain; charset=utf-8").send(note);
  });
  return app;
}
