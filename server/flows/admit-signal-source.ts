import type { Database } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { findSource, type SourceRow } from "../layers/monitoring/signal-source-store.ts";
import type { LiveAgent } from "./admit-action/world.ts";

const CODE = "not_a_signal_source";

/**
 * The source whose certificate this is. Whoever else comes with a certificate is refused, and that is recorded.
 *
 * @param mayRecord whether a refusal gets a record of its own; else it has been counted.
 * @throws ForbiddenError `not_a_signal_source`.
 */
export async function admitSignalSource(
  ctx: { db: Database; now: Date },
  caller: { agent: LiveAgent; sourceIp: string; mayRecord: () => boolean },
): Promise<{ source: SourceRow; actor: Actor }> {
  const { agent, sourceIp, mayRecord } = caller;
  const actor: Actor = { type: "agent", id: agent.id, name: agent.name, did: agent.did };
  const source = agent.kind === "signal-source" ? await findSource(ctx.db, { agentId: agent.id }) : null;
  if (source) return { source, actor };
  const message = `${agent.name} is enrolled as ${agent.kind}: signals are taken from sources that the settings list.`;
  if (mayRecord())
    await ctx.db.transaction((tx) =>
      appendRecord(tx, {
        ...{ kind: "signals.refused", actor, now: ctx.now, outcome: "deny" },
        agent: { id: agent.id, did: agent.did },
        checks: [{ id: CODE, passed: false, detail: message }],
        details: { code: CODE, sourceIp },
      }),
    );
  throw new ForbiddenError(CODE, message);
}
