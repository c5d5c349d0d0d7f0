import pino from "pino";
import { expect, test } from "vitest";
import { ConflictError } from "../kernel/errors.ts";
import { eachOf } from "./each-of.ts";

const log = pino({ level: "silent" });
const rows = ["a", "b", "c"].map((id) => ({ id }));

test("one row that fails keeps none of the others from their turn, and still shows", async () => {
  const done: string[] = [];
  const work = async ({ id }: { id: string }) => {
    if (id === "a") throw new Error("a is broken");
    done.push(id);
  };
  await expect(eachOf(rows, log, work)).rejects.toThrow("a is broken");
  expect(done).toEqual(["b", "c"]);
});

test("a lost lease ends it at once", async () => {
  const done: string[] = [];
  const work = async ({ id }: { id: string }) => {
    done.push(id);
    throw new ConflictError("lease_lost", "gone");
  };
  await expect(eachOf(rows, log, work)).rejects.toMatchObject({ code: "lease_lost" });
  expect(done).toEqual(["a"]);
});
