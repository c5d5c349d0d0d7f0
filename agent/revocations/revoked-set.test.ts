import { describe, expect, it } from "vitest";
import type { RevocationEvent } from "../../server/layers/authorization/revocation-schema.ts";
import { createRevokedSet, type TokenClaims } from "./revoked-set.ts";

const AGENT = "did:web:bank:agents:a";
const TOKEN: TokenClaims = { jti: "t", sub: AGENT, grant_ids: ["g", "h"], cnf: { "x5t#S256": "c" } };
const END = 2_000;
const at = (seconds: number) => new Date(seconds * 1000);

describe("a revoked set", () => {
  it("speaks against a token by its id, each of its grants, its certificate and its agent", () => {
    const against = (event: Parameters<ReturnType<typeof createRevokedSet>["apply"]>[0]) => {
      const set = createRevokedSet();
      expect(set.reasonAgainst(TOKEN)).toBeNull();
      set.apply(event);
      return set.reasonAgainst(TOKEN);
    };
    const end = { exp: END, agent: AGENT };
    expect(against({ kind: "token", jti: "t", grantIds: [], ...end })).toContain("revoked");
    expect(against({ kind: "grant", grantId: "h", scope: "s", jtis: [], ...end })).toContain("grant h");
    expect(against({ kind: "grant", grantId: "parent", scope: "s", jtis: ["t"], ...end })).toContain(
      "revoked",
    );
    expect(against({ kind: "certificate", "x5t#S256": "c", purpose: "transport", ...end })).toContain(
      "certificate",
    );
    expect(against({ kind: "agent", why: "contained", agent: AGENT })).toContain("contained");
    expect(against({ kind: "agent", why: "a word of next year", agent: AGENT })).toContain("next year");
    for (const other of ["x", "T"])
      expect(against({ kind: "token", jti: other, grantIds: ["g"], ...end }), other).toBeNull();
  });

  it("keeps what was revoked while the agent is released again", () => {
    const set = createRevokedSet();
    set.apply({ kind: "token", jti: "t", exp: END, grantIds: [], agent: AGENT });
    set.apply({ kind: "agent", why: "contained", agent: AGENT });
    set.apply({ kind: "agent", why: "released", agent: AGENT });
    expect(set.reasonAgainst(TOKEN)).toBe("The token was revoked.");
    expect(set.reasonAgainst({ ...TOKEN, jti: "next" })).toBeNull();
  });

  it.each<[string, RevocationEvent]>([
    ["a token", { kind: "token", jti: "t", exp: END, grantIds: [], agent: AGENT }],
    ["a grant", { kind: "grant", grantId: "g", scope: "s", jtis: ["t"], exp: END, agent: AGENT }],
    ["a certificate", { kind: "certificate", "x5t#S256": "c", purpose: "transport", exp: END, agent: AGENT }],
  ])(
    "keeps %s for five minutes beyond its end, for whoever verifies by a clock that is behind",
    (_, told) => {
      const set = createRevokedSet();
      set.apply(told);
      set.forget(at(END + 299));
      expect(set.reasonAgainst(TOKEN)).not.toBeNull();
      set.forget(at(END + 300));
      expect(set.reasonAgainst(TOKEN)).toBeNull();
    },
  );

  it("lets go of no agent that is stopped", () => {
    const set = createRevokedSet();
    set.apply({ kind: "agent", why: "banned", agent: AGENT });
    set.forget(at(END * 1_000));
    expect(set.reasonAgainst(TOKEN)).not.toBeNull();
  });
});
