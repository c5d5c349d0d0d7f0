import { sql } from "drizzle-orm";
import { createDatabase } from "../../db/client.ts";
import { installation, users } from "../../db/schema/index.ts";
import { createSetupLink } from "../access/create-setup-link.ts";
import type { Env } from "../env.ts";
import { ensureAuthorities } from "../flows/ensure-authorities.ts";
import { ensureDefaultPolicy } from "../layers/authorization/ensure-default-policy.ts";
import { ensureZones } from "../layers/isolation/ensure-zones.ts";
import { ensureDefaultRules } from "../layers/monitoring/ensure-default-rules.ts";
import { zoneAtThree } from "./zone-at-three.ts";

/** What the operator of a new console is told: the one-time link for the first administrator. */
export type Setup = { setupUrl: string | null };

/**
 * Makes what every installation needs once (authorities, policy, zones) and refuses to mix a demo with a
 * real console.
 *
 * @throws Error with one line that says what to do when the data folder is of the other kind.
 */
export async function prepareInstallation(
  env: Env,
  demo: boolean,
  say: (line: string) => void,
): Promise<Setup> {
  const db = createDatabase(env.ownerUrl, { applicationName: "vigil-setup", poolSize: 2 });
  const now = new Date();
  try {
    const kind = demo ? "demo" : "live";
    await db
      .insert(installation)
      .values({ kind, timeZone: demo ? zoneAtThree(now) : "UTC", createdAt: now })
      .onConflictDoNothing();
    const [row] = await db.select().from(installation);
    if (row?.kind !== kind) throw new Error(mixed(kind, env.dataDir));
    say("making certificate authorities and policy where they are missing");
    if (env.kek) await ensureAuthorities(db, env, env.kek, now);
    await ensureDefaultPolicy(db, now);
    await ensureDefaultRules(db, now);
    await ensureZones(db);
    const [people] = await db.select({ count: sql<number>`count(*)::int` }).from(users);
    if (demo || people?.count) return { setupUrl: null };
    return { setupUrl: `${env.publicUrl}/setup?token=${await createSetupLink(db, now)}` };
  } finally {
    await db.$client.end();
  }
}

function mixed(kind: "demo" | "live", dataDir: string): string {
  return kind === "demo"
    ? `${dataDir} holds a real console, and the demo bank is never mixed into one. Set VIGIL_DATA_DIR to another folder for the demo.`
    : `${dataDir} holds the demo bank. Set VIGIL_DATA_DIR to another folder for a real console, or remove this one.`;
}
