import { expect, it } from "vitest";
import { makeLog } from "./make-log.ts";

it("no process logs the values of a query that failed", () => {
  const lines: string[] = [];
  const log = makeLog("info", { role: "worker" }, { write: (line) => void lines.push(line) });
  const error = Object.assign(new Error("Failed query: insert …\nparams: whsec_s3cret"), {
    query: "insert into destinations values ($1)",
    params: ["whsec_s3cret"],
    cause: Object.assign(new Error("duplicate key"), { code: "23505", detail: "Key (name)=(s3cret)" }),
  });
  log.child({ duty: "deliver-outbox" }).error({ err: error }, "a run failed");
  expect(lines.join()).not.toContain("s3cret");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    role: "worker",
    err: [{ query: "insert into destinations values ($1)" }, { code: "23505" }],
  });
});
