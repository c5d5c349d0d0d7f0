import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { signRequest } from "../kernel/http-signature.ts";
import { DEFAULT_POLICY } from "../layers/authorization/default-policy.ts";
import { edgeKey } from "../layers/isolation/engine/decide-peer.ts";
import { BUILT_IN_RULES } from "../layers/monitoring/engine/rules/built-in-rules.ts";
import { compileRules } from "../layers/monitoring/engine/rules/compile-rules.ts";
import type { CommitOutcome, Entry } from "./admit-action/entry.ts";
import type { AgentRequest, LiveAgent, LiveCredential, VerifiedToken, World } from "./admit-action/world.ts";
import { type Admission, admitAction } from "./admit-action.ts";

const RULES = compileRules({ version: 1, rules: [...BUILT_IN_RULES] }, "UTC");

const NOW = new Date("2026-11-23T10:00:00Z");
const keys = generateKeyPairSync("ed25519");
const agentRow: LiveAgent = {
  id: "0198-agent",
  name: "fraud-1",
  did: "did:web:bank:agents:fraud-1",
  kind: "agent",
  parentId: null,
  status: "active",
  banned: false,
  zone: "a",
  renew: [],
  isolation: { state: "open", limitPerMinute: null, epoch: 0, reason: "" },
};
const credentialRow = (purpose: "transport" | "signature"): LiveCredential => ({
  agentId: agentRow.id,
  purpose,
  thumbprint: `thumb-${purpose}`,
  keyId: `key-${purpose}`,
  publicKey: keys.publicKey,
  status: "active",
  notBefore: new Date(NOW.getTime() - 1_000),
  notAfter: new Date(NOW.getTime() + 3_600_000),
});
const tokenRow: VerifiedToken = {
  jti: "t1",
  subject: agentRow.did,
  boundTo: "thumb-transport",
  jkt: null,
  scopes: ["transactions:read"],
  grantIds: ["g1"],
  policyVersion: 1,
};

let agent: LiveAgent;
let transport: LiveCredential;
let signature: LiveCredential;
let token: VerifiedToken;
let revoked: boolean;
let waitSeconds: number;
let entries: Entry[];
let outcome: CommitOutcome;

beforeEach(() => {
  agent = structuredClone(agentRow);
  transport = credentialRow("transport");
  signature = credentialRow("signature");
  token = { ...tokenRow };
  [revoked, waitSeconds, entries, outcome] = [false, 0, [], { kind: "written" }];
});

function admission(): Admission {
  const world: World = {
    agent: (id) => (id === agent.id ? agent : undefined),
    agentByDid: (did) => (did === agent.did ? agent : undefined),
    transportCredential: (thumbprint) => (thumbprint === transport.thumbprint ? transport : undefined),
    signatureCredential: (keyId) => (keyId === signature.keyId ? signature : undefined),
    isTokenRevoked: () => revoked,
    policy: () => DEFAULT_POLICY,
    rules: () => RULES,
    zones: () => ({
      peers: new Map([
        ["core", "a"],
        ["lab", "z"],
      ]),
      edges: new Map([[edgeKey("a", "a"), "same zone"]]),
    }),
    takeTurn: () => waitSeconds,
    claimProof: async () => true,
    verifyToken: async () => token,
  };
  return {
    world,
    ledger: {
      commit: async (entry) => {
        entries.push(entry);
        const now = outcome;
        outcome = { kind: "written" };
        return now;
      },
      mayRecord: () => true,
    },
    signReceipt: ({ recordId }) => `receipt-of-${recordId}`,
  };
}

const readAction = { action: "transactions.read", at: NOW.toISOString() };

function signed(body: unknown, altered: Partial<AgentRequest> = {}): AgentRequest {
  const request = {
    method: "POST",
    targetUri: "https://localhost:8443/v1/actions",
    headers: { authorization: "Bearer x" },
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
  const nonce = "0123456789abcdef";
  const made = signRequest(request, {
    privateKey: keys.privateKey,
    keyId: "key-signature",
    nonce,
    created: NOW,
  });
  return {
    ...request,
    headers: { ...request.headers, ...made },
    thumbprint: "thumb-transport",
    sourceIp: "192.0.2.1",
    contentType: "application/json",
    trace: undefined,
    ...altered,
  };
}

const answer = async (request: AgentRequest, now = NOW) => {
  const { status, answer: body } = await admitAction(admission(), request, now);
  const error = body.error as { code: string } | undefined;
  return {
    status,
    code: error?.code ?? null,
    admitted: body.admitted,
    refused: body.refused as { code: string }[],
  };
};
const recorded = () => JSON.parse(entries.at(-1)?.record.body.toString("utf8") ?? "null");

describe("a request that proves everything", () => {
  it("is admitted, and its record says who, what, and by which checks", async () => {
    const actions = [
      { ...readAction, transactionId: "tx-1", dataAccessed: ["accounts"], confidence: 0.9 },
      { ...readAction, peer: "core", subjects: ["customer-1"], confidence: 0.4 },
    ];
    expect(await answer(signed(actions))).toEqual({ status: 202, code: null, admitted: 2, refused: [] });
    expect(recorded()).toMatchObject({
      v: 1,
      kind: "agent.actions",
      agentId: agent.did,
      actor: { type: "agent", id: agent.did, name: agent.name },
      actions: { "transactions.read": 2 },
      transactionIds: ["tx-1"],
      dataAccessed: ["accounts"],
      outcome: "allow",
      confidence: 0.4,
      grantIds: ["g1"],
      policyVersion: DEFAULT_POLICY.version,
      request: { count: 2, admitted: 2, keyId: "key-signature", tokenId: "t1" },
    });
    const checks = recorded().checks as { id: string; passed: boolean }[];
    expect(checks.map((it) => it.id)).toEqual([
      "certificate",
      "agent-status",
      "signature",
      "token",
      "isolation",
      "body-size",
      "body",
    ]);
    expect(entries[0]?.index).toEqual([
      { kind: "transaction", value: "tx-1" },
      { kind: "data", value: "accounts" },
      { kind: "subject", value: "customer-1" },
    ]);
    expect(entries[0]?.slices).toMatchObject([{ slice: { calls: 2, refused: 0 } }]);
  });

  it("the record holds no subject: what is hashed for good can be erased from the index", async () => {
    await answer(signed([{ ...readAction, subjects: ["customer-4711"] }]));
    expect(entries[0]?.record.body.toString("utf8")).not.toContain("customer-4711");
  });

  it("NDJSON is read as an array is", async () => {
    const body = `${JSON.stringify(readAction)}\n${JSON.stringify(readAction)}\n`;
    expect(await answer(signed(body, { contentType: "application/x-ndjson" }))).toMatchObject({
      admitted: 2,
    });
  });
});

describe("each layer refuses, with its own code, and the refusal is recorded", () => {
  it.each([
    [
      "a certificate nobody knows",
      () => {
        transport.thumbprint = "other";
      },
      401,
      "certificate_unknown",
    ],
    [
      "a revoked certificate",
      () => {
        transport.status = "revoked";
      },
      401,
      "certificate_revoked",
    ],
    [
      "an expired certificate on an open connection",
      () => {
        transport.notAfter = NOW;
      },
      401,
      "certificate_expired",
    ],
    [
      "a contained agent",
      () => {
        agent.status = "contained";
      },
      403,
      "agent_contained",
    ],
    [
      "a suspended agent",
      () => {
        agent.status = "suspended";
      },
      403,
      "agent_suspended",
    ],
    [
      "a registered agent",
      () => {
        agent.status = "registered";
      },
      403,
      "agent_registered",
    ],
    [
      "a banned agent",
      () => {
        agent.banned = true;
      },
      403,
      "agent_banned",
    ],
    [
      "another agent's signature key",
      () => {
        signature.agentId = "other";
      },
      401,
      "signature_key_unknown",
    ],
    [
      "a revoked signature key",
      () => {
        signature.status = "revoked";
      },
      401,
      "signature_key_ended",
    ],
    [
      "another agent's token",
      () => {
        token.subject = "did:web:bank:agents:x";
      },
      401,
      "token_foreign",
    ],
    [
      "a token bound to another certificate",
      () => {
        token.boundTo = "x";
      },
      401,
      "token_not_bound",
    ],
    [
      "a revoked token",
      () => {
        revoked = true;
      },
      401,
      "token_revoked",
    ],
    [
      "deny all",
      () => {
        agent.isolation.state = "deny_all";
      },
      403,
      "agent_isolated",
    ],
    [
      "a limit that is used up",
      () => {
        agent.isolation = { state: "limited", limitPerMinute: 6, epoch: 2, reason: "" };
        waitSeconds = 10;
      },
      429,
      "agent_limited",
    ],
  ])("%s", async (_, arrange, status, code) => {
    arrange();
    expect(await answer(signed([readAction]))).toMatchObject({ status, code });
    if (code === "certificate_unknown") return;
    expect(recorded()).toMatchObject({ outcome: "deny", agentId: agent.did, details: { code } });
    expect(recorded().checks.at(-1)).toMatchObject({ passed: false });
  });

  it.each([
    ["malformed JSON", "[{", "malformed_json"],
    ["an object", "{}", "not_an_array"],
    ["nothing", "[]", "no_actions"],
    ["1,001 actions", JSON.stringify(Array(1_001).fill(readAction)), "too_many_actions"],
    ["a member twice", '[{"action":"a","action":"b"}]', "duplicate_key"],
    ["an integer that loses digits", '[{"action":"a","bytes":9007199254740993}]', "not_canonical"],
    ["a lone surrogate", '[{"action":"\\ud800"}]', "not_canonical"],
    ["no readable action", '[{"action":1}]', "invalid_actions"],
  ])("400 for %s", async (_, body, code) => {
    expect(await answer(signed(body))).toMatchObject({ status: 400, code });
    expect(recorded()).toMatchObject({ outcome: "deny", details: { code } });
  });

  it("an altered body is refused before anything reads it", async () => {
    const request = signed([readAction]);
    expect(await answer({ ...request, body: Buffer.from("[{") })).toMatchObject({
      status: 401,
      code: "signature_invalid",
    });
    expect(entries[0]).toMatchObject({ nonce: null, payload: null });
  });
});

describe("actions are judged one by one", () => {
  it("a good one passes beside bad ones, and each bad one is told why", async () => {
    const actions = [
      readAction,
      { ...readAction, at: new Date(NOW.getTime() + 301_000).toISOString() },
      { ...readAction, action: "payments.execute" },
      { ...readAction, action: "no-such-thing" },
      { ...readAction, peer: "lab" },
      { ...readAction, peer: "nobody" },
      { ...readAction, surprise: true },
      { ...readAction, dataAccessed: ["customers/pii"] },
    ];
    const told = await answer(signed(actions));
    expect(told).toMatchObject({ status: 202, admitted: 1 });
    expect(told.refused.map((it) => it.code)).toEqual([
      "at_in_future",
      "insufficient_scope",
      "action_unmapped",
      "peer_denied",
      "peer_denied",
      "invalid_action",
      "rule_broken",
    ]);
    expect(recorded()).toMatchObject({ outcome: "partial", request: { count: 8, admitted: 1 } });
    expect(entries[0]?.alerts.map((it) => it.rule)).toEqual(["sensitive-data-in-scope"]);
    expect(entries[0]?.slices).toMatchObject([{ slice: { calls: 6, refused: 5, late: 1 } }]);
  });

  it("403 with the first reason when none passes", async () => {
    const told = await answer(signed([{ ...readAction, action: "payments.execute" }]));
    expect(told).toMatchObject({ status: 403, code: "insufficient_scope", admitted: 0 });
    expect(recorded()).toMatchObject({ outcome: "deny" });
  });

  it("exactly five minutes ahead is admitted, a millisecond more is not", async () => {
    const ahead = (ms: number) => signed([{ ...readAction, at: new Date(NOW.getTime() + ms).toISOString() }]);
    expect(await answer(ahead(300_000))).toMatchObject({ status: 202 });
    expect(await answer(ahead(300_001))).toMatchObject({ status: 403, code: "at_in_future" });
  });

  it("old actions are recorded, and not scored", async () => {
    const old = { ...readAction, at: new Date(NOW.getTime() - 3_600_000).toISOString() };
    expect(await answer(signed([old]))).toMatchObject({ status: 202, admitted: 1 });
    expect(entries[0]?.slices).toMatchObject([{ slice: { calls: 0, late: 1 } }]);
  });
});

describe("a nonce is one request", () => {
  it("a retry gets the first answer", async () => {
    outcome = { kind: "replayed", status: 202, answer: { receipt: "first", admitted: 1, refused: [] } };
    const told = await admitAction(admission(), signed([readAction]), NOW);
    expect(told).toMatchObject({ status: 202, answer: { receipt: "first" }, admittedFor: null });
  });

  it("another request with the nonce is refused, and that refusal recorded", async () => {
    outcome = { kind: "nonce-reused" };
    expect(await answer(signed([readAction]))).toMatchObject({ status: 409, code: "nonce_reused" });
    expect(entries).toHaveLength(2);
    expect(entries[1]).toMatchObject({ nonce: null, record: { outcome: "deny" }, slices: [] });
    expect(recorded()).toMatchObject({ details: { code: "nonce_reused" } });
  });
});
