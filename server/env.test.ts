import { expect, it } from "vitest";
import { readEnv } from "./env.ts";

const PIN = "ab".repeat(32);
const read = (more: Record<string, string>) =>
  readEnv({ NODE_ENV: "test", DATABASE_URL: "postgres://x@localhost/x", VIGIL_KEK: "0".repeat(64), ...more });

it("the agents' doors take TLS 1.3 alone unless the environment says 1.2, and nothing below", () => {
  expect(read({}).tlsMinVersion).toBe("TLSv1.3");
  expect(read({ VIGIL_TLS_MIN_VERSION: "1.2" }).tlsMinVersion).toBe("TLSv1.2");
  for (const version of ["1.1", "1.0", "TLSv1.2", "any"])
    expect(() => read({ VIGIL_TLS_MIN_VERSION: version })).toThrow(/VIGIL_TLS_MIN_VERSION/);
});

it("no hop is trusted unless the environment names its door and its certificate", () => {
  expect(read({}).hops).toBeNull();
  expect(read({ VIGIL_HOP_PORT: "", VIGIL_TRUSTED_HOPS: "" }).hops).toBeNull();
  expect(read({ VIGIL_HOP_PORT: "8445", VIGIL_TRUSTED_HOPS: `xfcc=sha256:${PIN}, 10.0.0.0/8` }).hops).toEqual(
    {
      port: 8445,
      pins: [{ sha256: PIN, field: "xfcc" }],
      networks: ["10.0.0.0/8"],
    },
  );
});

it.each([
  [{ VIGIL_HOP_PORT: "8445" }, /set both or neither/],
  [{ VIGIL_TRUSTED_HOPS: `xfcc=sha256:${PIN}` }, /set both or neither/],
  [{ VIGIL_HOP_PORT: "8445", VIGIL_TRUSTED_HOPS: "10.0.0.0/8" }, /a network alone is no proof/],
  [{ VIGIL_HOP_PORT: "8445", VIGIL_TRUSTED_HOPS: "0.0.0.0" }, /is neither/],
])("half a trust is refused at the start: %j", (more, message) => {
  expect(() => read(more)).toThrow(message);
});
