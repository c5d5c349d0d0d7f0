import { expect, it } from "vitest";
import {
  signStandardWebhook,
  verifyStandardWebhook,
  WEBHOOK_SECONDS_MAX,
} from "./verify-standard-webhook.ts";

/** The vector of the Standard Webhooks libraries. */
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT = new Date(1_614_265_330_000);
const BODY = Buffer.from('{"test": 2432232314}');
const SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const headers = { id: ID, timestamp: "1614265330", signature: SIGNATURE };
const verify = (over: Partial<typeof headers> = {}, body = BODY, now = AT, secrets = [SECRET]) =>
  verifyStandardWebhook(secrets, { ...headers, ...over }, body, now);

it("the specification's own vector verifies, and is what we sign", () => {
  expect(verify()).toEqual({ ok: true, id: ID });
  expect(signStandardWebhook(SECRET, ID, AT, BODY)).toBe(SIGNATURE);
});

it("another byte, id, time or secret does not verify", () => {
  expect(verify({}, Buffer.from('{"test": 2432232315}'))).toMatchObject({ code: "signature_invalid" });
  expect(verify({ id: `${ID}x` })).toMatchObject({ code: "signature_invalid" });
  expect(verify({ timestamp: "1614265331" })).toMatchObject({ code: "signature_invalid" });
  expect(verify({}, BODY, AT, ["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])).toMatchObject({
    code: "signature_invalid",
  });
  expect(verify({}, BODY, AT, [])).toMatchObject({ ok: false });
});

it("a boundary moved between id, time and body is another text", () => {
  const id = "a.1614265330";
  const signature = signStandardWebhook(SECRET, "a", AT, "1614265330.x");
  expect(verify({ id: "a", signature }, Buffer.from("1614265330.x")).ok).toBe(true);
  expect(verify({ id, signature }, Buffer.from("x"))).toMatchObject({
    ok: false,
  });
});

it("counts for five minutes either way and no longer", () => {
  const at = (seconds: number) => new Date(AT.getTime() + seconds * 1_000);
  expect(verify({}, BODY, at(WEBHOOK_SECONDS_MAX)).ok).toBe(true);
  expect(verify({}, BODY, at(-WEBHOOK_SECONDS_MAX)).ok).toBe(true);
  expect(verify({}, BODY, at(WEBHOOK_SECONDS_MAX + 1))).toMatchObject({ code: "signature_late" });
  expect(verify({}, BODY, at(-WEBHOOK_SECONDS_MAX - 1))).toMatchObject({ code: "signature_late" });
});

it("both secrets of a rotation count, and one good signature among several", () => {
  const other = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  expect(verify({}, BODY, AT, [other, SECRET]).ok).toBe(true);
  expect(verify({ signature: `v1,${Buffer.alloc(32).toString("base64")} v1a,xx ${SIGNATURE}` }).ok).toBe(
    true,
  );
});

it.each([
  ["no id", { id: "" }],
  ["no time", { timestamp: "" }],
  ["no signature", { signature: "" }],
])("%s is told to sign", (_what, over) => {
  expect(verify(over)).toMatchObject({ code: "signature_missing" });
});

it.each([
  ["another version", { signature: SIGNATURE.replace("v1", "v2") }],
  ["a time in words", { timestamp: "now" }],
  ["a negative time", { timestamp: "-1614265330" }],
  ["a time like a float", { timestamp: "1614265330.0" }],
  ["an id with a line break", { id: `${ID}\nx` }],
  ["a signature cut short", { signature: SIGNATURE.slice(0, -4) }],
  ["a flood of signatures", { signature: `${"v1,AAAA ".repeat(500)}${SIGNATURE}` }],
])("%s does not verify", (_what, over) => {
  expect(verify(over).ok).toBe(false);
});
