import { expect, it } from "vitest";
import { readHopTls } from "./read-hop-tls.ts";

it("reads what nginx writes, and counts a connection at its first request alone", () => {
  expect(readHopTls(["TLSv1.3 TLS_AES_256_GCM_SHA384 X25519 . 1"])).toEqual({
    negotiated: {
      version: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      keyExchange: "X25519",
      resumed: false,
    },
    isFirst: true,
  });
  expect(readHopTls(["TLSv1.2 ECDHE-RSA-AES128-SHA  r 7"])).toEqual({
    negotiated: { version: "TLSv1.2", cipher: "ECDHE-RSA-AES128-SHA", keyExchange: "", resumed: true },
    isFirst: false,
  });
});

it.each([
  [],
  ["TLSv1.3 TLS_AES_256_GCM_SHA384 X25519 . 1", "TLSv1.3 TLS_AES_256_GCM_SHA384 X25519 . 1"],
  ["TLSv1.3 TLS_AES_256_GCM_SHA384 X25519 . 1, TLSv1.3 TLS_AES_256_GCM_SHA384 X25519 . 1"],
  ["TLSv1.4 TLS_AES_256_GCM_SHA384 X25519 . 1"],
  [`TLSv1.3 ${"A".repeat(65)} X25519 . 1`],
  ["TLSv1.3 <script> X25519 . 1"],
  ["TLSv1.3 TLS_AES_256_GCM_SHA384 X25519 . -1"],
  [" TLSv1.3 TLS_AES_256_GCM_SHA384 X25519 . 1"],
  [""],
])("takes nothing else: %j", (...values) => {
  expect(readHopTls(values)).toBeNull();
});
