import pino from "pino";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Database } from "../../db/client.ts";
import type { LiveAgent, LiveCredential } from "../flows/admit-action/world.ts";
import * as confirming from "./confirm-isolation.ts";
import { guardConnections } from "./guard-connections.ts";
import type { Change } from "./live-state/holdings.ts";
import type { Sockets } from "./track-sockets.ts";

vi.mock("./confirm-isolation.ts");
const confirm = vi.mocked(confirming.confirmIsolation);

const agent = (state: "open" | "limited" | "deny_all", epoch: number, status = "active") =>
  ({ id: "a", status, banned: false, isolation: { state, epoch } }) as LiveAgent;
const transport = { thumbprint: "t" } as LiveCredential;
const change = (before: LiveAgent | undefined, after: LiveAgent, more: Partial<Change> = {}): Change => ({
  before,
  after,
  credentials: [transport],
  newlyRevoked: [],
  below: [],
  ...more,
});

function guard() {
  const cut = vi.fn((_thumbprint: string) => 3);
  const made = guardConnections({
    db: {} as Database,
    gatewayId: "g",
    sockets: { cut } as unknown as Sockets,
    log: pino({ level: "silent" }),
    clock: () => new Date(),
  });
  return { ...made, cut };
}

beforeEach(() => {
  confirm.mockReset();
  confirm.mockResolvedValue();
});

describe("open connections", () => {
  it.each([
    ["isolation", change(agent("open", 0), agent("deny_all", 1)), 1],
    ["containment, without isolation", change(agent("open", 0), agent("open", 0, "contained")), 1],
    ["an agent that was isolated when the gateway started", change(undefined, agent("deny_all", 1)), 1],
    ["isolation once more, by a new epoch", change(agent("deny_all", 1), agent("deny_all", 2)), 1],
    ["a revoked certificate", change(agent("open", 0), agent("open", 0), { newlyRevoked: [transport] }), 1],
    ["the same isolation read again", change(agent("deny_all", 1), agent("deny_all", 1)), 0],
    ["a limit", change(agent("open", 0), agent("limited", 1)), 0],
    ["a release", change(agent("deny_all", 1), agent("open", 2)), 0],
    ["nothing new", change(agent("open", 0), agent("open", 0)), 0],
  ])("at %s", (_, what, times) => {
    const { apply, cut } = guard();
    apply([what]);
    expect(cut).toHaveBeenCalledTimes(times);
  });
});

describe("confirmations", () => {
  const told = () => confirm.mock.calls.flatMap(([, , confirmations]) => [...confirmations]);

  it("name each new epoch once, with how many connections were cut", () => {
    const { apply } = guard();
    apply([change(agent("open", 0), agent("deny_all", 5))]);
    apply([change(agent("deny_all", 5), agent("deny_all", 5))]);
    expect(told()).toEqual([{ agentId: "a", epoch: 5, connectionsCut: 3 }]);
  });

  it("are given by a gateway that starts later, and for a release too", () => {
    const { apply } = guard();
    apply([change(undefined, agent("deny_all", 5)), change(undefined, agent("open", 4))]);
    expect(told()).toEqual([{ agentId: "a", epoch: 5, connectionsCut: 3 }]);
  });

  it("are tried again until the database has them", async () => {
    confirm.mockRejectedValueOnce(new Error("away"));
    const { apply, close } = guard();
    apply([change(agent("open", 0), agent("deny_all", 5))]);
    await vi.waitFor(() => expect(confirm).toHaveBeenCalledTimes(2), { timeout: 3_000 });
    expect(told().map((it) => it.epoch)).toEqual([5, 5]);
    await close();
  });
});
