import type { Database } from "../../../db/client.ts";
import { agentsAbove } from "../../../db/family.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { type DidDocument, didDocument } from "./engine/did-document.ts";
import { decideCertification } from "./engine/lifecycle.ts";
import { agentName, type Purpose } from "./schema.ts";
import { agentByName, liveCredentials } from "./store.ts";

/**
 * An agent's DID document: its live public keys, each under the one relationship of its purpose. An agent
 * that is banned or not in service keeps its document and has no keys in it.
 *
 * @param name from the URL: attacker-controlled.
 * @throws NotFoundError `agent_unknown`.
 */
export async function agentDidDocument(
  db: Database,
  name: string,
  at: { enrolUrl: string; now: Date },
): Promise<DidDocument> {
  if (!agentName.safeParse(name).success)
    throw new NotFoundError("agent_unknown", "There is no agent of that name.");
  const agent = await agentByName(db, name);
  const inService =
    decideCertification({ ...agent, above: await agentsAbove(db, agent.id) }).outcome === "allow";
  const live = inService ? await liveCredentials(db, agent.id, at.now) : [];
  const keys = live.map((credential) => ({
    purpose: credential.purpose as Purpose,
    keyId: credential.keyId,
    publicJwk: credential.publicJwk as object,
  }));
  return didDocument({ name: agent.name, keys }, at.enrolUrl);
}
