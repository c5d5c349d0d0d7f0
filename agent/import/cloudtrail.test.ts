import fc from "fast-check";
import { expect, test } from "vitest";
import { actionOf, agentNameOf, type RecordedCall, shiftToNow } from "./cloudtrail.ts";

const call: RecordedCall = {
  principal: "benjamin",
  at: "2023-07-10T11:42:23Z",
  action: "GetBucketPolicy",
  endpoint: "s3.amazonaws.com",
  sourceIp: "10.248.16.43",
  error: "NoSuchBucketPolicy",
};

test("every principal, however hostile its name, becomes a legal agent name", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constant(null)), (principal) => {
      expect(agentNameOf(principal)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }),
  );
});

test("a service principal keeps its name apart from others", () => {
  expect(agentNameOf("rds.amazonaws.com")).toBe("rds-amazonaws-com");
  expect(agentNameOf("AWS")).toBe("aws");
});

test("the action names its service and verb, and nothing of the record is lost", () => {
  const action = actionOf(call, 0);
  expect(action.action).toBe("s3:GetBucketPolicy");
  expect(action.details).toEqual({ error: "NoSuchBucketPolicy", recordedAt: call.at });
});

test("an address that is a service's name is not sent as an address", () => {
  expect(actionOf({ ...call, sourceIp: "secretsmanager.amazonaws.com" }, 0).sourceIp).toBeUndefined();
});

test("the last recorded call falls on now, and the gaps between calls stay", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const calls = [call, { ...call, at: "2023-07-10T11:52:23Z" }];
  const moved = calls.map((one) => Date.parse(actionOf(one, shiftToNow(calls, now)).at));
  expect(moved).toEqual([now - 600_000, now]);
});
