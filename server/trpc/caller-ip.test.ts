import { expect, it } from "vitest";
import { callerIp } from "./caller-ip.ts";

const from = (peer: string, forwarded: string, trusted: string[]) =>
  callerIp(new Headers({ "x-vigil-peer": peer, "x-forwarded-for": forwarded }), trusted);

it("is the connection's own, whatever the caller writes", () => {
  expect(from("203.0.113.7", "1.2.3.4", [])).toBe("203.0.113.7");
  expect(from("::ffff:203.0.113.7", "10.0.0.1", ["10.0.0.1"])).toBe("203.0.113.7");
});

it("is the last hop before the proxies where one of them connects; what stands before that is not believed", () => {
  const proxies = ["10.0.0.1", "10.0.0.2"];
  expect(from("10.0.0.1", "203.0.113.7", proxies)).toBe("203.0.113.7");
  expect(from("10.0.0.1", "1.2.3.4, 203.0.113.7, 10.0.0.2", proxies)).toBe("203.0.113.7");
  expect(from("10.0.0.1", "", proxies)).toBeNull();
});

it("is nothing but an address", () => {
  for (const value of ["", "<script>", "a b", "x".repeat(200)]) expect(from(value, value, [])).toBeNull();
});
