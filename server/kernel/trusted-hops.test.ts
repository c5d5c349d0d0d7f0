import { describe, expect, it } from "vitest";
import { hopNetworks, parseTrustedHops } from "./trusted-hops.ts";

const HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const COLONS = (HEX.match(/../g) ?? []).join(":").toUpperCase();

describe("the list of trusted hops", () => {
  it("takes pins as openssl prints them and as plain hex, and networks beside them", () => {
    expect(
      parseTrustedHops(`client-cert=sha256:${HEX}, xfcc=sha256:${COLONS},10.20.0.0/16, 2001:db8::/32`),
    ).toEqual({
      pins: [
        { sha256: HEX, field: "client-cert" },
        { sha256: HEX, field: "xfcc" },
      ],
      networks: ["10.20.0.0/16", "2001:db8::/32"],
    });
  });

  it("is refused without a certificate: an address alone is no proof", () => {
    expect(parseTrustedHops("10.0.0.0/8")).toMatch(/at least one hop/);
  });

  it.each([
    "",
    ",",
    HEX,
    `sha256:${HEX}`,
    `both=sha256:${HEX}`,
    `xfcc=sha256:${HEX.slice(2)}`,
    `xfcc=sha256:${HEX}00`,
    `xfcc=sha1:${HEX}`,
    `xfcc=sha256:${HEX},`,
    `xfcc=sha256:${HEX},10.0.0.0`,
    `xfcc=sha256:${HEX},10.0.0.0/33`,
    `xfcc=sha256:${HEX},2001:db8::/129`,
    `xfcc=sha256:${HEX},10.0.0.0/8/8`,
    `xfcc=sha256:${HEX},10.0.0.0/-1`,
    `xfcc=sha256:${HEX},proxy.bank`,
  ])("is refused where it says anything else: %j", (text) => {
    expect(parseTrustedHops(text)).toMatch(/is neither/);
  });
});

describe("networks of hops", () => {
  const within = hopNetworks({ networks: ["10.20.0.0/16", "2001:db8::/32"] });

  it.each(["10.20.0.1", "::ffff:10.20.255.255", "2001:db8:1::5"])("hold %s", (address) => {
    expect(within(address)).toBe(true);
  });
  it.each(["10.21.0.1", "::ffff:10.21.0.1", "2001:db9::1", "::1", "", "unknown", "10.20.0.1.evil"])(
    "do not hold %j",
    (address) => {
      expect(within(address)).toBe(false);
    },
  );
  it("hold everything where none is named, since the certificate decides then", () => {
    expect(hopNetworks({ networks: [] })("203.0.113.9")).toBe(true);
  });
});
