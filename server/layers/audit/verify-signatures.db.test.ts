import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AttackedLog, openAttackedLog } from "./testing/attacked-log.ts";
import { TEST_NOW } from "./testing/audit-log.ts";
import { makeSigningAgent, type TestAgent, writeSignedRequest } from "./testing/signed-requests.ts";

let log: AttackedLog;
beforeEach(async () => {
  log = await openAttackedLog();
});
afterEach(() => log.close());

describe("the agents' signatures", () => {
  let agent: TestAgent;
  let other: TestAgent;
  const at = (seconds: number) => new Date(TEST_NOW.getTime() + seconds * 1_000);

  beforeEach(async () => {
    agent = await makeSigningAgent(log.db);
    other = await makeSigningAgent(log.db, "ec");
    await writeSignedRequest(
      log.db,
      agent,
      [{ action: "transactions:read" }, { action: "alerts:create" }],
      at(1),
    );
    await writeSignedRequest(log.db, other, [{ action: "cloud:read" }], at(2));
    await log.settle();
  });

  test("true ones pass, of both kinds of key, and are counted", async () => {
    expect(await log.verify()).toMatchObject({ outcome: "clean", signaturesChecked: 2, checked: 14 });
    expect((await log.verify({ withSignatures: false })).statement.join(" ")).toContain(
      "Not checked: the agents' signatures",
    );
  });

  test.each([
    [
      "bytes of the payload",
      "update audit_payloads set bytes = '\\x5b5d', encoding = 'identity' where record_id = $1",
    ],
    ["a payload that does not unpack", "update audit_payloads set bytes = '\\xffff' where record_id = $1"],
    [
      "the signature",
      "update audit_payloads set signature = set_byte(signature, 0, 255 - get_byte(signature, 0)) where record_id = $1",
    ],
    [
      "what was signed",
      "update audit_payloads set signature_base = replace(signature_base, 'POST', 'PUT') where record_id = $1",
    ],
    ["the salt", "update audit_payloads set salt = '\\x00' where record_id = $1"],
    ["the whole payload", "delete from audit_payloads where record_id = $1"],
  ])("%s changed", async (_, change) => {
    const id = await log.recordOf(13);
    await log.tamper(change, [id]);
    const { findings } = await log.verify();
    expect(findings).toEqual([
      expect.objectContaining({ class: "bad-agent-signature", fromSeq: 13, toSeq: 13, recordId: id }),
    ]);
  });

  test("the agent's registered key replaced by another", async () => {
    await log.tamper(
      "update credentials set public_jwk = (select public_jwk from credentials where key_id = $2) where key_id = $1",
      [agent.keyId, other.keyId],
    );
    expect(await log.ranges()).toEqual([["bad-agent-signature", 13, 13]]);
  });

  test("a request signed by another agent's key, or outside the key's time", async () => {
    await writeSignedRequest(
      log.db,
      { ...other, id: agent.id, did: agent.did, name: agent.name },
      [{ a: 1 }],
      at(3),
    );
    await writeSignedRequest(log.db, agent, [{ a: 1 }], at(2 * 86_400));
    await log.settle();
    expect(await log.ranges()).toEqual([["bad-agent-signature", 15, 16]]);
  });
});
