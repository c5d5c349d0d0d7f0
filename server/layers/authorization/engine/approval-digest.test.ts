import { describe, expect, it } from "vitest";
import { type ApprovalTerms, approvalDigest } from "./approval-digest.ts";

const TERMS: ApprovalTerms = {
  ...{ agentId: "a", scope: "payments:execute", resource: "batch 7", durationSeconds: 600, policyVersion: 1 },
};

describe("the digest of a request", () => {
  it("is the same for the same terms, in whatever order they are written", () => {
    const reversed = Object.fromEntries(Object.entries(TERMS).reverse()) as ApprovalTerms;
    expect(approvalDigest(reversed)).toBe(approvalDigest(TERMS));
    expect(approvalDigest(TERMS)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it.each<[keyof ApprovalTerms, Partial<ApprovalTerms>]>([
    ["agentId", { agentId: "b" }],
    ["scope", { scope: "transactions:read" }],
    ["resource", { resource: null }],
    ["durationSeconds", { durationSeconds: 601 }],
    ["policyVersion", { policyVersion: 2 }],
  ])("changes with %s", (_term, change) => {
    expect(approvalDigest({ ...TERMS, ...change })).not.toBe(approvalDigest(TERMS));
  });

  it("does not take an absent resource for an empty one, or words shifted between terms", () => {
    expect(approvalDigest({ ...TERMS, resource: "" })).not.toBe(approvalDigest({ ...TERMS, resource: null }));
    expect(approvalDigest({ ...TERMS, scope: "payments:execute batch", resource: "7" })).not.toBe(
      approvalDigest(TERMS),
    );
  });
});
