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

  it("of terms without limits is what it was before there were any", () => {
    const before = "sha256:d7c7ecdc98a816d0f48ec22a4d4f609c1a411a5f70dd52d29e3d4e62e25945c6";
    expect(approvalDigest(TERMS)).toBe(before);
    expect(approvalDigest({ ...TERMS, limits: null })).toBe(before);
  });

  it("covers the limits: a sum, its currency, each resource, and limits that cannot be read", () => {
    const limits = { amount: { max: "5000", currency: "USD" }, resources: ["/accounts/17/*"] };
    const digest = approvalDigest({ ...TERMS, limits });
    const others: unknown[] = [
      null,
      { ...limits, amount: { max: "50000", currency: "USD" } },
      { ...limits, amount: { max: "5000", currency: "EUR" } },
      { ...limits, resources: ["/accounts/18/*"] },
      { ...limits, resources: ["/accounts/17/*", "/accounts/18/*"] },
      { amount: limits.amount },
      { resources: limits.resources },
      { ...limits, amount: { max: 1e30, currency: "USD" } },
      "everything",
    ];
    const digests = others.map((other) => approvalDigest({ ...TERMS, limits: other }));
    expect(digests).not.toContain(digest);
    expect(approvalDigest({ ...TERMS, limits: { resources: limits.resources, amount: limits.amount } })).toBe(
      digest,
    );
  });

  it("does not take an absent resource for an empty one, or words shifted between terms", () => {
    expect(approvalDigest({ ...TERMS, resource: "" })).not.toBe(approvalDigest({ ...TERMS, resource: null }));
    expect(approvalDigest({ ...TERMS, scope: "payments:execute batch", resource: "7" })).not.toBe(
      approvalDigest(TERMS),
    );
  });
});
