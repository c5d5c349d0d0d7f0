import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { embeddedUrls } from "../db/embedded.ts";
import { parseTrustedHops, type TrustedHops } from "./kernel/trusted-hops.ts";

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback);

const environment = z
  .object({
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    DATABASE_READER_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    VIGIL_DATA_DIR: z.string().min(1).default("./.vigil"),
    VIGIL_CONSOLE_PORT: port(3000),
    VIGIL_GATEWAY_PORT: port(8443),
    VIGIL_ENROL_PORT: port(8444),
    VIGIL_PUBLIC_URL: z.url().optional(),
    VIGIL_ENROL_URL: z.url().optional(),
    VIGIL_GATEWAY_URL: z.url().optional(),
    VIGIL_TRUSTED_PROXIES: z.string().default(""),
    VIGIL_TLS_MIN_VERSION: z.enum(["1.2", "1.3"]).default("1.3"),
    VIGIL_OPA_URL: z.url({ protocol: /^https?$/ }).optional(),
    VIGIL_HOP_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
    VIGIL_TRUSTED_HOPS: z
      .string()
      .transform((text, ctx) => {
        const hops = parseTrustedHops(text);
        if (typeof hops !== "string") return hops;
        ctx.addIssue({ code: "custom", message: hops });
        return z.NEVER;
      })
      .optional(),
    VIGIL_KEK: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, "64 hex digits: the 256-bit key-encryption key")
      .optional(),
    VIGIL_ROLE_KEK: z
      .string()
      .regex(/^[0-9a-f]{64}$/i)
      .optional(),
    VIGIL_ROOT_PASSPHRASE: z.string().optional(),
    VIGIL_ROOT_OFFLINE: z.enum(["0", "1"]).default("0"),
    VIGIL_AUTH_SECRET: z.string().min(32).optional(),
    VIGIL_DEMO_PASSWORD: z.string().min(8).optional(),
    VIGIL_DEMO_TOTP: z
      .string()
      .regex(/^[A-Z2-7]{16,}$/, "a base32 seed of 16 characters or more")
      .optional(),
    VIGIL_DEMO_API_KEY: z.string().min(16).optional(),
    VIGIL_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  })
  .refine((e) => !e.DATABASE_URL || e.VIGIL_KEK || e.VIGIL_ROLE_KEK, {
    path: ["VIGIL_KEK"],
    message:
      "required with DATABASE_URL: 64 hex digits, for example from `openssl rand -hex 32`; keep it outside the database",
  })
  .refine((e) => (e.VIGIL_HOP_PORT === undefined) === (e.VIGIL_TRUSTED_HOPS === undefined), {
    path: ["VIGIL_TRUSTED_HOPS"],
    message:
      "goes with VIGIL_HOP_PORT: the port for trusted hops, and which hops they are; set both or neither",
  });

/** Everything Vigil knows of its surroundings, read once. */
export type Env = {
  databaseUrl: string;
  ownerUrl: string;
  readerUrl: string;
  embedded: boolean;
  dataDir: string;
  consolePort: number;
  gatewayPort: number;
  enrolPort: number;
  /** Console, as people's browsers reach it. */
  publicUrl: string;
  /** Token issuer and did:web host. */
  enrolUrl: string;
  /** The tokens' audience. */
  gatewayUrl: string;
  trustedProxies: string[];
  /** The lowest TLS version of the agents' doors. */
  tlsMinVersion: "TLSv1.2" | "TLSv1.3";
  /** Where the bank's OPA listens, which may refuse scopes beyond our own rules; null where there is none. */
  opaUrl: string | null;
  /** The door for proxies that end the agents' TLS, and who they are; null where there is none. */
  hops: ({ port: number } & TrustedHops) | null;
  /** Key-encryption key, or null where this process was given only its role's part. */
  kek: Buffer | null;
  roleKek: Buffer | null;
  /** The root certifies only when a person runs `vigil authority sign`. */
  rootOffline: boolean;
  rootPassphrase: string | null;
  authSecret: string | null;
  demo: { password: string | null; totp: string | null; apiKey: string | null };
  logLevel: string;
};

/**
 * Reads the environment: the only place that does. Every bad variable is named at once.
 *
 * @throws Error listing each variable that is wrong and what it should be.
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`Vigil cannot start with this environment:\n${lines.join("\n")}`);
  }
  const e = parsed.data;
  const dataDir = path.resolve(e.VIGIL_DATA_DIR);
  const embedded = !e.DATABASE_URL;
  const urls = embedded ? embeddedUrls(dataDir) : null;
  const databaseUrl = e.DATABASE_URL ?? urls?.app ?? "";
  return {
    databaseUrl,
    ownerUrl: e.DATABASE_OWNER_URL ?? urls?.owner ?? databaseUrl,
    readerUrl: e.DATABASE_READER_URL ?? urls?.reader ?? databaseUrl,
    embedded,
    dataDir,
    consolePort: e.VIGIL_CONSOLE_PORT,
    gatewayPort: e.VIGIL_GATEWAY_PORT,
    enrolPort: e.VIGIL_ENROL_PORT,
    publicUrl: e.VIGIL_PUBLIC_URL ?? `http://localhost:${e.VIGIL_CONSOLE_PORT}`,
    enrolUrl: e.VIGIL_ENROL_URL ?? `https://localhost:${e.VIGIL_ENROL_PORT}`,
    gatewayUrl: e.VIGIL_GATEWAY_URL ?? `https://localhost:${e.VIGIL_GATEWAY_PORT}`,
    trustedProxies: e.VIGIL_TRUSTED_PROXIES.split(",")
      .map((s) => s.trim())
      .filter(Boolean),
    tlsMinVersion: `TLSv${e.VIGIL_TLS_MIN_VERSION}`,
    opaUrl: e.VIGIL_OPA_URL ?? null,
    hops:
      e.VIGIL_HOP_PORT && e.VIGIL_TRUSTED_HOPS ? { port: e.VIGIL_HOP_PORT, ...e.VIGIL_TRUSTED_HOPS } : null,
    kek: e.VIGIL_ROLE_KEK ? null : e.VIGIL_KEK ? Buffer.from(e.VIGIL_KEK, "hex") : embeddedKek(dataDir),
    roleKek: e.VIGIL_ROLE_KEK ? Buffer.from(e.VIGIL_ROLE_KEK, "hex") : null,
    rootOffline: e.VIGIL_ROOT_OFFLINE === "1",
    rootPassphrase: e.VIGIL_ROOT_PASSPHRASE ?? null,
    authSecret: e.VIGIL_AUTH_SECRET ?? null,
    demo: {
      password: e.VIGIL_DEMO_PASSWORD ?? null,
      totp: e.VIGIL_DEMO_TOTP ?? null,
      apiKey: e.VIGIL_DEMO_API_KEY ?? null,
    },
    logLevel: e.VIGIL_LOG_LEVEL,
  };
}

/** With the embedded database the key-encryption key is a 0600 file in the data folder. */
function embeddedKek(dataDir: string): Buffer {
  const file = path.join(dataDir, "kek");
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
  }
  return Buffer.from(readFileSync(file, "utf8").trim(), "hex");
}
