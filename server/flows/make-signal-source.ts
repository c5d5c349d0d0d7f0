import { isUniqueViolation, type Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { signalSources } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { ConflictError, InvalidInputError } from "../kernel/errors.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { createAgent } from "../layers/identity/create-agent.ts";
import { createJoinToken } from "../layers/identity/create-join-token.ts";
import { addSignalSecret } from "../layers/monitoring/add-signal-secret.ts";
import { defaultMapping } from "../layers/monitoring/engine/signals/default-mapping.ts";
import { AUTHS_OF } from "../layers/monitoring/signal-schema.ts";
import { type MakeSourceInput, makeSourceInput } from "../layers/monitoring/signal-source-schema.ts";

/**
 * Makes a source of signals. Its secret is in the answer and nowhere else in the clear; one with a certificate is
 * registered as an agent of its own kind instead, and the answer has the token with which it enrols.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `auth_unfit`.
 * @throws ConflictError `signal_source_name_taken`, `agent_name_taken`. @throws UnavailableError `box_missing`.
 */
export async function makeSignalSource(
  ctx: VerbContext,
  input: MakeSourceInput,
): Promise<{ sourceId: string; secret: string | null; joinToken: string | null }> {
  requirePermission(ctx.actor, "integrations.manage");
  const made = makeSourceInput.parse(input);
  const { kind, auth, name } = made;
  if (!AUTHS_OF[kind].includes(auth))
    throw new InvalidInputError(
      "auth_unfit",
      `A source of kind ${kind} can use: ${AUTHS_OF[kind].join(", ")}.`,
      { kind, auth },
    );
  if (auth === "certificate") requirePermission(ctx.actor, "agents.register");
  try {
    const { sourceId, secret } = await ctx.db.transaction((tx) => make(tx, ctx, made));
    const token = auth === "certificate" ? await createJoinToken(ctx, { agentName: name }) : null;
    return { sourceId, secret, joinToken: token?.joinToken ?? null };
  } catch (error) {
    if (isUniqueViolation(error))
      throw new ConflictError(
        "signal_source_name_taken",
        `There is or was a source named ${name}: choose another name.`,
        { name },
      );
    throw error;
  }
}

async function make(tx: Tx, { actor, now }: VerbContext, input: ReturnType<typeof makeSourceInput.parse>) {
  const { mapping, ...settings } = input;
  const { name, kind, auth } = settings;
  const sourceId = uuidv7(now.getTime());
  const agent =
    auth === "certificate"
      ? await createAgent(tx, {
          input: { name, kind: "signal-source", title: `Signals of ${kind}` },
          actor,
          now,
        })
      : null;
  const rules = mapping ?? defaultMapping(kind);
  await tx.insert(signalSources).values({
    ...settings,
    ...{ id: sourceId, agentId: agent?.agentId ?? null, mapping: rules },
    ...{ createdAt: now, createdBy: actor.type === "operator" ? actor.email : actor.id, heardAt: now },
  });
  const secret = auth === "certificate" ? null : await addSignalSecret(tx, { sourceId, auth, actor, now });
  await appendRecord(tx, {
    ...{ kind: "signal-source.made", actor, now },
    ...(agent ? { agent: { id: agent.agentId, did: agent.did } } : {}),
    details: { sourceId, ...settings, mapping: rules },
    subjects: [`signal-source:${sourceId}`],
  });
  await notify(tx, "signal", sourceId);
  return { sourceId, secret };
}
