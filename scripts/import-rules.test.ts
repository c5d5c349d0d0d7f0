import { expect, test } from "vitest";
import { importViolations, impureLines } from "./import-rules.ts";

const breaks = (file: string, imports: string) =>
  importViolations([{ file, imports, typeOnly: false }]).length > 0;

test("a layer cannot import another layer", () => {
  expect(breaks("server/layers/identity/store.ts", "server/layers/monitoring/store.ts")).toBe(true);
  expect(breaks("server/layers/identity/register-agent.ts", "server/layers/identity/store.ts")).toBe(false);
  expect(breaks("server/layers/identity/register-agent.ts", "server/layers/audit/append.ts")).toBe(false);
});

test("an engine cannot import the database", () => {
  expect(breaks("server/layers/audit/engine/chain.ts", "db/client.ts")).toBe(true);
});

test("the server cannot import a component", () => {
  expect(breaks("server/trpc/routers/agents.ts", "components/ui/panel.tsx")).toBe(true);
});

test("an agent cannot carry a layer's verbs away", () => {
  expect(breaks("agent/vigil-agent.ts", "server/layers/identity/enrol-agent.ts")).toBe(true);
  expect(breaks("agent/vigil-agent.ts", "server/kernel/http-signature.ts")).toBe(false);
  expect(breaks("agent/peer/judge-peer.ts", "server/layers/identity/engine/names.ts")).toBe(false);
  expect(breaks("agent/peer/judge-peer.ts", "server/layers/audit/engine/chain.ts")).toBe(true);
});

test("a page cannot reach the database", () => {
  expect(breaks("app/(console)/page.tsx", "db/client.ts")).toBe(true);
});

test("a clock read in an engine is found, one in a comment is not", () => {
  expect(impureLines("const a = 1;\nconst now = Date.now();")).toEqual([2]);
  expect(impureLines("// Date.now() is read at the door")).toEqual([]);
});
