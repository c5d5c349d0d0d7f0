import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { canonicalBytes, type Json } from "./canonical.ts";
import { sha256 } from "./hash.ts";

const LEAF_PREFIX = Buffer.from([0x00]);
const NODE_PREFIX = Buffer.from([0x01]);

/**
 * Commitment to one action of a request: HMAC-SHA-256 under the record's secret salt over the action's place
 * (four bytes, big-endian) and its canonical form. Without the salt nobody can guess what was committed to.
 *
 * @throws InvalidInputError `not_canonical` where the action has no canonical form.
 */
export function actionCommitment(salt: Uint8Array, index: number, action: Json): Buffer {
  return commitment(createSecretKey(salt), index, canonicalBytes(action));
}

/** Root of the RFC 6962 tree (§2.1) over the commitments of a request's actions; an empty tree is SHA-256 of nothing. */
export function actionsRoot(salt: Uint8Array, actions: readonly Json[]): Buffer {
  return rootOfCanonical(salt, actions.map(canonicalBytes));
}

/** The same root where the canonical forms of the actions are at hand already. */
export function rootOfCanonical(salt: Uint8Array, canonical: readonly Uint8Array[]): Buffer {
  // Made once: a key object costs more than the HMAC.
  const key = createSecretKey(salt);
  let level = canonical.map((bytes, index) => sha256(LEAF_PREFIX, commitment(key, index, bytes)));
  // Pairing from the left and carrying an odd last node up gives the same tree as RFC 6962's split.
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]];
      if (left) above.push(right ? sha256(NODE_PREFIX, left, right) : left);
    }
    level = above;
  }
  return level[0] ?? sha256();
}

function commitment(key: KeyObject, index: number, canonical: Uint8Array): Buffer {
  const place = Buffer.alloc(4);
  place.writeUInt32BE(index);
  return createHmac("sha256", key).update(place).update(canonical).digest();
}
