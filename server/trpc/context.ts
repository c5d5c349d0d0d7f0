import type { Database } from "../../db/client.ts";
import type { OperatorSession } from "../access/read-session.ts";
import type { Env } from "../env.ts";
import type { Actor } from "../kernel/actor.ts";

/** Who is calling: an operator over a session or an API key. */
export type OperatorActor = Extract<Actor, { type: "operator" }>;

/** What every procedure is given. `now` is stamped once, at the door; actor is null for nobody in particular. */
export type Context = {
  db: Database;
  env: Env;
  now: Date;
  actor: OperatorActor | null;
  /** Null where the caller came with an API key, or with nothing. */
  session: OperatorSession | null;
  /** Address of the caller as far as the configured proxies are believed; for limits and records. */
  clientIp?: string | null;
};
