import { beforeEach, expect, it, vi } from "vitest";
import type { Database } from "../../../db/client.ts";
import { currentPolicy } from "../../layers/authorization/current-policy.ts";
import { DEFAULT_POLICY } from "../../layers/authorization/default-policy.ts";
import { createReader } from "./create-reader.ts";
import * as store from "./store.ts";

vi.mock("./store.ts");
vi.mock("../../layers/authorization/current-policy.ts");
vi.mock("../../layers/monitoring/current-rules.ts", () => ({
  compiledRules: async () => ({ version: 1, single: [], spans: [], steps: [] }),
}));
vi.mock("../../layers/isolation/load-zone-map.ts", () => ({
  loadZoneMap: async () => ({ peers: new Map(), edges: new Map() }),
}));

const agentIn = (state: string) => ({
  id: "a",
  name: "a",
  did: "did:a",
  kind: "agent",
  parentId: null,
  status: "active",
  banned: false,
  zone: "a",
  state,
  limitPerMinute: null,
  epoch: 1,
  reason: "",
});
const readAgents = vi.mocked(store.readAgents);
const make = () =>
  createReader({
    ...{ db: {} as Database, clock: () => new Date(), onChanges: () => undefined },
    tokenKeys: { read: async () => undefined },
  });

beforeEach(() => {
  vi.useRealTimers();
  vi.mocked(store.readCredentials).mockResolvedValue([]);
  vi.mocked(store.readRevokedTokens).mockResolvedValue([]);
  readAgents.mockReset();
});

it("a notice that comes during a read is read after it", async () => {
  const reader = make();
  let finish = () => {};
  readAgents.mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        finish = () => resolve([agentIn("open")]);
      }),
  );
  readAgents.mockResolvedValue([agentIn("deny_all")]);
  const first = reader.settle();
  await vi.waitFor(() => expect(readAgents).toHaveBeenCalledTimes(1));
  reader.stale.agents.add("a");
  const second = reader.settle();
  finish();
  await Promise.all([first, second]);
  expect(reader.view.agent("a")?.isolation.state).toBe("deny_all");
});

it("a read that fails is not forgotten", async () => {
  const reader = make();
  readAgents.mockRejectedValueOnce(new Error("away"));
  await expect(reader.settle()).rejects.toThrow("away");
  readAgents.mockResolvedValue([agentIn("open")]);
  await reader.settle();
  expect(reader.view.agent("a")?.isolation.state).toBe("open");
});

it("a read that was given up and comes in late does not undo a newer one", async () => {
  vi.useFakeTimers();
  const reader = make();
  let finishLate = () => {};
  readAgents.mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        finishLate = () => resolve([agentIn("open")]);
      }),
  );
  const givenUp = reader.settle().catch((error: { code: string }) => error.code);
  await vi.advanceTimersByTimeAsync(4_001);
  expect(await givenUp).toBe("took_too_long");
  readAgents.mockResolvedValue([agentIn("deny_all")]);
  await reader.settle();
  finishLate();
  await vi.advanceTimersByTimeAsync(1);
  expect(reader.view.agent("a")?.isolation.state).toBe("deny_all");
});

it("a notice of a new policy is read at once, and an older answer that comes late does not take its place", async () => {
  const reader = make();
  readAgents.mockResolvedValue([]);
  const versionIs = (version: number) =>
    vi.mocked(currentPolicy).mockResolvedValueOnce({ ...DEFAULT_POLICY, version });
  for (const [answered, held] of [
    [2, 2],
    [3, 3],
    [2, 3],
  ] as const) {
    versionIs(answered);
    reader.stale.policy = true;
    await reader.settle();
    expect(reader.view.policy().version).toBe(held);
  }
  vi.mocked(currentPolicy).mockRejectedValueOnce(new Error("away"));
  reader.stale.policy = true;
  await expect(reader.settle()).rejects.toThrow("away");
  versionIs(4);
  await reader.settle();
  expect(reader.view.policy().version).toBe(4);
});
