import { eq } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { isolationStates } from "../../../db/schema/index.ts";
import type { IsolationRow } from "./store.ts";

/** How an agent is isolated now; null where it never was. */
export async function readIsolation(db: Database, agentId: string): Promise<IsolationRow | null> {
  const [row] = await db.select().from(isolationStates).where(eq(isolationStates.agentId, agentId));
  return (row as IsolationRow | undefined) ?? null;
}
