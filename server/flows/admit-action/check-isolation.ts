import { type LiveAgent, passed, refuse, type Step, type World } from "./world.ts";

/** Whether the agent is cut off, or must wait for its turn. */
export function checkIsolation(world: World, agent: LiveAgent, now: Date): Step<object> {
  const { state, limitPerMinute, reason, epoch } = agent.isolation;
  if (state === "deny_all")
    return refuse(403, "agent_isolated", `${agent.name} is isolated: ${reason || "everything is denied."}`, {
      facts: { epoch },
    });
  if (state === "limited" && limitPerMinute !== null) {
    const waitSeconds = world.takeTurn(agent.id, limitPerMinute, now);
    if (waitSeconds > 0)
      return refuse(
        429,
        "agent_limited",
        `${agent.name} is limited to ${limitPerMinute} requests a minute: ${reason || "it behaves unusually."}`,
        { retryAfterSeconds: waitSeconds, facts: { limitPerMinute } },
      );
  }
  return { ok: true, checks: [passed("isolation", `${agent.name} is ${state}.`)] };
}
