import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pem } from "./write-der.ts";

/** Whether the real `openssl` is here; tests that need it say so in one line and are skipped. */
export function hasOpenssl(): boolean {
  return spawnSync("openssl", ["version"]).status === 0;
}

/**
 * What `openssl verify` makes of the same bytes: strict RFC 5280 rules, every list asked for, 112 bits of strength at
 * least, at this instant.
 */
export function opensslVerdict(facts: {
  leaf: Uint8Array;
  intermediates: readonly Uint8Array[];
  anchors: readonly Uint8Array[];
  crls: readonly Uint8Array[];
  /** `sslclient`, `sslserver`, `any`. All must be fine. */
  purposes: readonly string[];
  at: Date;
}): { ok: boolean; said: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "vigil-openssl-"));
  try {
    const file = (name: string, label: string, list: readonly Uint8Array[]) => {
      const there = path.join(folder, name);
      writeFileSync(there, list.map((der) => pem(label, der)).join(""));
      return there;
    };
    const leaf = file("leaf.pem", "CERTIFICATE", [facts.leaf]);
    const args = [
      ...["verify", "-x509_strict", "-auth_level", "2", "-crl_check_all"],
      ...["-attime", String(Math.floor(facts.at.getTime() / 1000)), "-no-CApath", "-no-CAstore"],
      ...["-CAfile", file("anchors.pem", "CERTIFICATE", facts.anchors)],
      ...(facts.intermediates.length > 0
        ? ["-untrusted", file("untrusted.pem", "CERTIFICATE", facts.intermediates)]
        : []),
      ...(facts.crls.length > 0 ? ["-CRLfile", file("crls.pem", "X509 CRL", facts.crls)] : []),
    ];
    const told = facts.purposes.map((purpose) => spawnSync("openssl", [...args, "-purpose", purpose, leaf]));
    return {
      ok: told.every(({ status }) => status === 0),
      said: told.map(({ stdout, stderr }) => `${stdout}${stderr}`).join(""),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `openssl x509 -text` of a certificate. */
export function opensslText(certificatePem: string): string {
  return execFileSync("openssl", ["x509", "-noout", "-text"], { input: certificatePem, encoding: "utf8" });
}
