import { expect, it } from "vitest";
import { describeError } from "./describe-error.ts";

it("names an error, its causes and where it came from, without a query's values or a row's", () => {
  const cause = Object.assign(
    new Error('duplicate key value violates unique constraint "users_email_unique"'),
    {
      code: "23505",
      constraint: "users_email_unique",
      detail: "Key (email)=(ada@bank.example) already exists.",
    },
  );
  const error = Object.assign(
    new Error("Failed query: insert …\nparams: s3cret,ada@bank.example", { cause }),
    {
      query: "insert into users values ($1, $2)",
      params: ["s3cret", "ada@bank.example"],
    },
  );
  const text = JSON.stringify(describeError(error));
  expect(text).not.toMatch(/s3cret|ada@/);
  expect(describeError(error)).toMatchObject([
    { query: "insert into users values ($1, $2)" },
    { code: "23505", constraint: "users_email_unique" },
  ]);
  expect(text).toContain("describe-error.test.ts");
});

it("says something of what is no error, and ends a loop of causes", () => {
  expect(describeError("text")).toEqual([{ type: "string" }]);
  const loop: Error & { cause?: unknown } = new Error("again");
  loop.cause = loop;
  expect(describeError(loop)).toHaveLength(4);
});
