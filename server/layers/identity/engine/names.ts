import { agentName } from "../schema.ts";

/** Domain of the agents' callback servers. It is internal: no public name can clash with it. */
const CALLBACK_DOMAIN = "agents.internal";
/** SPIFFE trust domain of every agent. */
export const TRUST_DOMAIN = "bank";

/** `did:bank:agent:<name>`: the agent's stable id, the `sub` and `client_id` of its tokens. */
export function agentDid(name: string): string {
  return `did:bank:agent:${name}`;
}

/** `spiffe://bank/agent/<name>`: the one URI of a transport certificate (SPIFFE X.509-SVID). */
export function agentSpiffeId(name: string): string {
  return `spiffe://${TRUST_DOMAIN}/agent/${name}`;
}

/** Name of the agent that a SPIFFE id of ours names, or null. @param id attacker-controlled. */
export function agentOfSpiffeId(id: string): string | null {
  const prefix = agentSpiffeId("");
  const name = id.startsWith(prefix) ? id.slice(prefix.length) : "";
  return agentName.safeParse(name).success ? name : null;
}

/** Host name of the agent's callback server. */
export function agentCallbackHost(name: string): string {
  return `${name}.${CALLBACK_DOMAIN}`;
}

/**
 * The resolvable DID (did:web): `did:web:host%3Aport:agents:<name>` is read at
 * `https://host:port/agents/<name>/did.json`.
 */
export function agentWebDid(name: string, enrolUrl: string): string {
  return `did:web:${encodeURIComponent(new URL(enrolUrl).host)}:agents:${name}`;
}
