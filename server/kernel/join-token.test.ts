import fc from "fast-check";
import { expect, test } from "vitest";
import { randomSecret } from "./ids.ts";
import { formatJoinToken, parseJoinToken } from "./join-token.ts";

test("a token says again what was put into it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (root) => {
      const token = { secret: randomSecret(), rootSha256: Buffer.from(root) };
      expect(parseJoinToken(formatJoinToken(token))).toEqual(token);
    }),
  );
});

test.each(["", "vjt_", "vjt_a.b", "x", `vjt_${"a".repeat(43)}`, `vjt_${"a".repeat(43)}.${"!".repeat(43)}`])(
  "%j is no token",
  (text) => expect(parseJoinToken(text)).toBeNull(),
);
