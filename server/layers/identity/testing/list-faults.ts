import { KEY_USAGE } from "../engine/chain/key-usage.ts";
import { issuer, issuerList, leaf, root, rootList } from "./chain-world.ts";
import { type Fault, issuerWith, serialOf } from "./fault.ts";
import { days, ext, forgeCrl, newKey } from "./forge.ts";
import { integer, seq, tlv } from "./write-der.ts";

/** Every way in which the revocation lists of a chain can be wrong, or say that it is over. */
export const LIST_FAULTS: Record<string, Fault> = {
  "no list of the issuer": {
    facts: { crls: [rootList] },
    fails: ["crl-present", "crl-fresh", "crl-signed", "not-revoked"],
  },
  "no list of the root": {
    facts: { crls: [issuerList] },
    fails: ["crl-present", "crl-fresh", "crl-signed", "not-revoked"],
  },
  "a stale list": {
    facts: { crls: [rootList, forgeCrl(issuer, { thisUpdate: days(-3), nextUpdate: days(-1) })] },
    fails: ["crl-fresh"],
  },
  "a list of tomorrow": {
    facts: { crls: [rootList, forgeCrl(issuer, { thisUpdate: days(0.5), nextUpdate: days(2) })] },
    fails: ["crl-fresh"],
  },
  "a list without an end": {
    facts: { crls: [rootList, forgeCrl(issuer, { nextUpdate: null })] },
    fails: ["crl-fresh"],
    stricter: "OpenSSL takes a list without nextUpdate as good for ever; RFC 5280 §5.1.2.5 asks for one.",
  },
  "a list in the issuer's name by a foreign key": {
    facts: { crls: [rootList, forgeCrl(issuer, { signer: newKey() })] },
    fails: ["crl-signed"],
  },
  "an issuer that may not sign lists": {
    facts: issuerWith({ more: [ext.keyUsage(KEY_USAGE.keyCertSign)] }),
    fails: ["crl-signed"],
  },
  "a list with an unknown critical extension": {
    facts: {
      crls: [
        rootList,
        forgeCrl(issuer, {
          more: [{ oid: "2.5.29.28", critical: true, value: seq(tlv(0x81, Buffer.from([0xff]))) }],
        }),
      ],
    },
    fails: ["crl-signed"],
    stricter:
      "OpenSSL reads the issuing distribution point; here it refuses as any critical extension that is not understood.",
  },
  "a revoked leaf": {
    facts: { crls: [rootList, forgeCrl(issuer, { revoked: [serialOf(leaf)] })] },
    fails: ["not-revoked"],
  },
  "a revoked intermediate": {
    facts: { crls: [forgeCrl(root, { revoked: [serialOf(issuer)] }), issuerList] },
    fails: ["not-revoked"],
  },
  "a list that is none": {
    facts: { crls: [rootList, issuerList, integer(5)] },
    fails: ["readable"],
    stricter: "OpenSSL's command passes over a list that it cannot read.",
  },
};
