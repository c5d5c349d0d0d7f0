import type { Tx } from "../../../db/client.ts";
import { agentsBelow, lockLine } from "../../../db/family.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { decideParent } from "./engine/decide-parent.ts";
import { agentByName } from "./store.ts";

/** An agent may not be registered under this parent; the checks say why (409). */
export class RefusedParentError extends ConflictError {
  readonly checks: Check[];
  readonly parent: { id: string; did: string };

  constructor(parent: { id: string; did: string; name: string }, checks: Check[], failed: Check) {
    super("parent_refused", failed.detail, { parent: parent.name, check: failed.id });
    this.checks = checks;
    this.parent = { id: parent.id, did: parent.did };
  }
}

/**
 * Decides whether an agent may be a child of another, in the caller's transaction. The whole line is locked,
 * and by one registrar at a time, so that two at once pass none of the limits.
 *
 * @throws NotFoundError `agent_unknown`. @throws RefusedParentError `parent_refused`.
 */
export async function admitParent(
  tx: Tx,
  child: { kind: string; parentName: string },
): Promise<{ id: string; checks: Check[] }> {
  const named = await agentByName(tx, child.parentName);
  const [parent = named, ...above] = await lockLine(tx, named.id, "update");
  const eldest = above.at(-1) ?? parent;
  const family = (await agentsBelow(tx, eldest.id)).filter((it) => !it.banned && it.status !== "retired");
  const { checks } = decideParent({
    ...{ kind: child.kind, parent, above },
    children: family.filter((it) => it.parentId === parent.id).length,
    family: family.length,
  });
  const failed = checks.find((check) => !check.passed);
  if (failed) throw new RefusedParentError(parent, checks, failed);
  return { id: parent.id, checks };
}
