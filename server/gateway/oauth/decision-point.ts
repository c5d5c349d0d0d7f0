import type { Env } from "../../env.ts";
import { opaDecisionPoint } from "../../integrations/opa/ask-opa.ts";
import { OWN_RULES_ALONE, type PolicyDecisionPoint } from "../../layers/authorization/decision-schema.ts";

/** Who has a say in tokens: our own rules alone, or the bank's OPA as well where its address is given. */
export function decisionPointOf({ opaUrl }: Partial<Pick<Env, "opaUrl">>): PolicyDecisionPoint {
  return opaUrl ? opaDecisionPoint(opaUrl) : OWN_RULES_ALONE;
}
