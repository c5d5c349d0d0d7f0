import type { X509Certificate } from "node:crypto";
import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import type { Stranger, World } from "../flows/admit-action/world.ts";
import { noteSightings } from "../flows/note-sightings.ts";
import { base64url, sha256 } from "../kernel/hash.ts";
import { later } from "../kernel/instants.ts";
import { certificateClaim, readableClaim } from "../layers/identity/engine/claimed-identity.ts";
import { isMany, manyOf, sightingKey } from "../layers/identity/engine/place-sightings.ts";
import { readCsr } from "../layers/identity/engine/read-csr.ts";
import type { ShadowWay, Sighting } from "../layers/identity/shadow-schema.ts";
import { networkOf } from "./denials.ts";

const WRITE_MS = 10_000;
/** Different identities of one way that are held between two writings; beyond, their networks are counted. */
const HELD_PER_WAY_MAX = 100;
/** Different networks counted so; beyond, all others together. */
const NETWORKS_PER_WAY_MAX = 100;

export type Sightings = ReturnType<typeof createSightings>;

/**
 * Counts the unknown identities that show themselves at the doors, in bounded memory, and writes them every ten
 * seconds. Everything they say of themselves is their word: made safe to show here, believed nowhere.
 */
export function createSightings(deps: {
  db: Database;
  log: Logger;
  clock: () => Date;
  world: Pick<World, "transportCredential">;
}) {
  const { log, clock, world } = deps;
  let held = new Map<ShadowWay, Map<string, Sighting>>();

  function hold(sighting: Sighting): void {
    const ofWay = held.get(sighting.way) ?? new Map<string, Sighting>();
    held.set(sighting.way, ofWay);
    const placed = roomFor(ofWay, sighting);
    const before = ofWay.get(sightingKey(placed));
    if (before) {
      before.count += placed.count;
      before.lastAt = later(before.lastAt, placed.lastAt);
    } else ofWay.set(sightingKey(placed), placed);
  }

  function stranger({ way, claimed, issuer, evidence, sourceIp }: Stranger, now: Date): void {
    hold({
      way,
      claimed: readableClaim(claimed),
      issuer: issuer === "" ? "" : readableClaim(issuer),
      evidence: readableClaim(evidence),
      network: networkOf(sourceIp),
      ...{ count: 1, firstAt: now, lastAt: now },
    });
  }

  async function write(): Promise<void> {
    const taken = [...held.values()].flatMap((ofWay) => [...ofWay.values()]);
    held = new Map();
    try {
      await noteSightings(deps.db, taken, clock());
    } catch (error) {
      for (const sighting of taken) hold(sighting);
      throw error;
    }
  }

  let writing: Promise<void> | null = null;
  const timer = setInterval(() => {
    writing ??= write()
      .catch((error: unknown) => log.warn({ err: error }, "unknown identities could not be written yet"))
      .finally(() => {
        writing = null;
      });
  }, WRITE_MS);

  return {
    stranger,
    /** Writes what is held now. @throws where it could not be written; then it is held on. */
    write,
    /** A certificate that was shown. One of our authority is a stranger's only where no agent has it. */
    certificate(
      way: "certificate_unknown" | "certificate_foreign",
      shown: { certificate: X509Certificate; thumbprint?: string },
      sourceIp: string,
      now: Date,
    ): void {
      const thumbprint = shown.thumbprint ?? base64url(sha256(shown.certificate.raw));
      if (way === "certificate_unknown" && world.transportCredential(thumbprint)) return;
      stranger({ way, ...certificateClaim(shown.certificate), evidence: thumbprint, sourceIp }, now);
    },
    /** An enrolment with a token that nobody was given, by the name in its certificate request. */
    async enrolment(csrPem: string, sourceIp: string, now: Date): Promise<void> {
      const csr = await readCsr(csrPem);
      if (!csr) return;
      const [name] = csr.request.subjectName.getField("CN");
      const claimed = name || `key ${csr.keyId}`;
      stranger({ way: "enrolment", claimed, issuer: "", evidence: csr.keyId, sourceIp }, now);
    },
    async close() {
      clearInterval(timer);
      await writing;
      await write().catch(() => undefined);
    },
  };
}

/** The sighting as there is room for it: itself, its network, or all other networks. */
function roomFor(ofWay: ReadonlyMap<string, Sighting>, sighting: Sighting): Sighting {
  const fits = (one: Sighting, max: number) =>
    ofWay.has(sightingKey(one)) ||
    [...ofWay.values()].filter((it) => isMany(it) === isMany(one)).length < max;
  if (!isMany(sighting) && fits(sighting, HELD_PER_WAY_MAX)) return sighting;
  const network = manyOf(sighting, sighting.network);
  return fits(network, NETWORKS_PER_WAY_MAX) ? network : manyOf(sighting, "other networks");
}
