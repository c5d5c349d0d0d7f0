import { expect, test } from "vitest";
import { keepTokens } from "./keep-tokens.ts";
import type { TokenAsk } from "./request-token.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const upTo = (max: number): TokenAsk => ({
  scopes: ["payments:execute"],
  details: [
    {
      ...{ type: "agent_action", actions: ["payments:execute"] },
      amount: { max: String(max), currency: "USD" },
    },
  ],
});

function counted() {
  const asked: TokenAsk[] = [];
  const tokens = keepTokens(async (ask) => {
    asked.push(ask);
    const expiresAt = new Date(NOW.getTime() + 300_000);
    return { token: `t${asked.length}`, scopes: [], authorizationDetails: [], refused: [], expiresAt };
  });
  return { asked, get: (ask: TokenAsk) => tokens.get(ask, "thumbprint", NOW) };
}

test("a token for limits is never used for wider ones, nor for none", async () => {
  const { asked, get } = counted();
  const [narrow, wide, none] = [
    await get(upTo(5)),
    await get(upTo(500)),
    await get({ ...upTo(5), details: [] }),
  ];
  expect(new Set([narrow.token, wide.token, none.token]).size).toBe(3);
  expect(await get(upTo(5))).toBe(narrow);
  expect(asked).toHaveLength(3);
});

test("the same limits in another order of members are the same token", async () => {
  const { asked, get } = counted();
  const [{ type, actions, amount } = expect.fail()] = upTo(5).details;
  await get(upTo(5));
  await get({ ...upTo(5), details: [{ amount, actions, type }] });
  expect(asked).toHaveLength(1);
});

test("an agent with limits of its own for each payment keeps a bounded number of tokens, the newest", async () => {
  const { asked, get } = counted();
  for (let sum = 1; sum <= 150; sum++) await get(upTo(sum));
  await get(upTo(150));
  await get(upTo(51));
  expect(asked).toHaveLength(150);
  await get(upTo(1));
  expect(asked).toHaveLength(151);
});
