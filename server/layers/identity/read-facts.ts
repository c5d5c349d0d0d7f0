import { requirePermission } from "../../access/permissions.ts";
import { present } from "../../kernel/ensure.ts";
import { heldAttestationKeys } from "./attestation-keys.ts";
import { attesterOf, type FactsContext } from "./attester.ts";
import { type FactsView, factsView } from "./facts-schema.ts";
import { attestersOf, peopleByIds } from "./facts-store.ts";
import { loadFacts } from "./load-facts.ts";
import { agentByName } from "./store.ts";
import { viewFacts } from "./view-facts.ts";

/**
 * What is claimed of an agent, by whom, who bears it out now, and the level that follows. Every signature is
 * verified with the keys in the console's own store.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function readFacts(ctx: FactsContext, input: { name: string }): Promise<FactsView> {
  requirePermission(ctx.actor, "agents.read");
  const { db, actor, now } = ctx;
  const agent = await agentByName(db, input.name);
  const keys = await heldAttestationKeys(ctx.keys);
  const loaded = present((await loadFacts(db, [agent], { now, keys }))[0], "the agent's facts");
  const before = await attestersOf(db, agent.id);
  const people = await peopleByIds(db, [...before.map((one) => one.attestedBy), actorId(ctx)]);
  const attester = attesterOf(actor, people.get(actorId(ctx)));
  return factsView.parse(viewFacts(loaded, { attester, before, people }));
}

function actorId({ actor }: FactsContext): string {
  return actor.type === "operator" ? actor.id : "";
}
