import type { Database } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";

/** What every verb is given: the database, who asks, and the instant stamped at the door. */
export type VerbContext = { db: Database; actor: Actor; now: Date };
