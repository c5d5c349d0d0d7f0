import { expect, it } from "vitest";
import { readEnv } from "../env.ts";
import { childEnv } from "./child-env.ts";

const source = {
  NODE_ENV: "production",
  PATH: "/usr/bin",
  DATABASE_URL: "postgres://vigil_app:a@db/vigil",
  DATABASE_OWNER_URL: "postgres://vigil_owner:o@db/vigil",
  DATABASE_READER_URL: "postgres://vigil_reader:r@db/vigil",
  VIGIL_KEK: "ab".repeat(32),
  VIGIL_AUTH_SECRET: "session-secret-session-secret-session",
  VIGIL_DEMO_PASSWORD: "demo-password",
  VIGIL_DEMO_TOTP: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
  VIGIL_DEMO_API_KEY: "demo-api-key-demo-api-key",
} as const;
const roles = ["worker", "gateway", "console"] as const;

it.each(roles)("the %s gets neither the whole key, nor the owner, nor anybody's credentials", (role) => {
  const told = JSON.stringify(childEnv(role, readEnv(source), source));
  for (const secret of [
    source.VIGIL_KEK,
    source.DATABASE_OWNER_URL,
    source.VIGIL_DEMO_PASSWORD,
    source.VIGIL_DEMO_TOTP,
    source.VIGIL_DEMO_API_KEY,
  ])
    expect(told).not.toContain(secret);
  expect(told.includes(source.VIGIL_AUTH_SECRET)).toBe(role === "console");
  expect(told).toContain(source.PATH);
});

it("each role's process reads its environment, and gets a key of its own", () => {
  const keys = roles.map((role) => readEnv(childEnv(role, readEnv(source), source)).roleKek?.toString("hex"));
  expect(new Set(keys).size).toBe(3);
  expect(keys).not.toContain(undefined);
});
