import type { Database } from "../../../db/client.ts";
import { present } from "../../kernel/ensure.ts";
import { within } from "../../kernel/within.ts";
import { currentPolicy } from "../../layers/authorization/current-policy.ts";
import type { ScopePolicy } from "../../layers/authorization/policy-schema.ts";
import type { Purpose } from "../../layers/identity/schema.ts";
import type { ZoneMap } from "../../layers/isolation/engine/decide-peer.ts";
import { loadZoneMap } from "../../layers/isolation/load-zone-map.ts";
import { compiledRules, type RulesMemory } from "../../layers/monitoring/current-rules.ts";
import type { CompiledRules } from "../../layers/monitoring/engine/rules/compile-rules.ts";
import { type Change, createHoldings } from "./holdings.ts";
import { readAgents, readCredentials, readRenewals, readRestrictions, readRevokedTokens } from "./store.ts";

/** A read that takes longer is tried again: on a dead line nobody else would end it. */
const READ_MS_MAX = 4_000;
const NONE: ReadonlyMap<string, readonly Purpose[]> = new Map();

/** What is known to be out of date. */
type Stale = {
  agents: Set<string>;
  everything: boolean;
  tokens: boolean;
  zones: boolean;
  policy: boolean;
  rules: boolean;
};

/**
 * Holds the live state and reads again what was marked, one read at a time: a mark that comes during a read is
 * read after it. A read that fails leaves its marks.
 *
 * @param onChanges called with each agent that was read, as soon as it is held.
 */
export function createReader(deps: {
  db: Database;
  clock: () => Date;
  onChanges: (changes: readonly Change[]) => void;
  tokenKeys: { read: () => Promise<void> };
}) {
  const { db, clock, tokenKeys } = deps;
  const holdings = createHoldings();
  const stale: Stale = {
    agents: new Set(),
    everything: true,
    tokens: true,
    zones: true,
    policy: false,
    rules: true,
  };
  let revokedTokens: ReadonlySet<string> = new Set();
  let policy: ScopePolicy | null = null;
  let zones: ZoneMap | null = null;
  let rules: CompiledRules | null = null;
  const rulesMemory: RulesMemory = { known: null };
  let reading: Promise<void> | null = null;
  let readsBegun = 0;

  /** The same object while the version is: what was compiled from it stays. An answer that comes late is none. */
  function keepPolicy(newest: ScopePolicy): void {
    if (policy === null || policy.version < newest.version) policy = newest;
  }

  async function readStale(): Promise<void> {
    while (
      stale.everything ||
      stale.tokens ||
      stale.zones ||
      stale.policy ||
      stale.rules ||
      stale.agents.size > 0
    ) {
      const taken = { ...stale, agents: new Set(stale.agents) };
      stale.agents.clear();
      Object.assign(stale, { everything: false, tokens: false, zones: false, policy: false, rules: false });
      try {
        await within(READ_MS_MAX, "reading the live state", read(taken));
      } catch (error) {
        for (const id of taken.agents) stale.agents.add(id);
        stale.everything ||= taken.everything;
        stale.tokens ||= taken.tokens;
        stale.zones ||= taken.zones;
        stale.policy ||= taken.policy;
        stale.rules ||= taken.rules;
        throw error;
      }
    }
  }

  async function read(what: Stale): Promise<void> {
    const now = clock();
    const turn = ++readsBegun;
    const ids = what.everything ? null : [...what.agents];
    const someAgents = ids === null || ids.length > 0;
    const [agentRows, credentialRows, renewals, tokens, newZones, newest, newRules] = await Promise.all([
      someAgents ? readAgents(db, ids) : [],
      someAgents ? readCredentials(db, ids, now) : [],
      someAgents ? readRenewals(db, ids, now) : NONE,
      what.everything || what.tokens ? readRevokedTokens(db, now) : null,
      what.everything || what.zones ? loadZoneMap(db) : null,
      what.policy ? currentPolicy(db) : null,
      what.everything || what.rules ? compiledRules(db, rulesMemory) : null,
      what.everything || what.tokens ? tokenKeys.read() : null,
    ]);
    // A read that was given up and comes in late would put old facts over newer ones.
    if (turn !== readsBegun) return;
    if (tokens) revokedTokens = new Set(tokens);
    if (newZones) zones = newZones;
    if (newest) keepPolicy(newest);
    if (newRules && (rules === null || rules.version <= newRules.version)) rules = newRules;
    const changes = holdings.replace(agentRows, credentialRows, renewals);
    if (!what.everything && changes.some(({ before, after }) => before?.zone !== after.zone))
      stale.zones = true;
    deps.onChanges(changes);
  }

  return {
    stale,
    /** Reads what is marked; resolves when a read that began after this call has ended. @throws when it fails. */
    async settle(): Promise<void> {
      while (reading) await reading.catch(() => undefined);
      reading = readStale().finally(() => {
        reading = null;
      });
      await reading;
    },
    /** Compares what takes rights away, and the policy's version, with what is held; marks what differs. */
    async compare(): Promise<void> {
      const both = Promise.all([readRestrictions(db, clock()), currentPolicy(db), tokenKeys.read()]);
      const [restrictions, newest] = await within(READ_MS_MAX, "comparing the live state", both);
      keepPolicy(newest);
      for (const id of holdings.differFrom(restrictions)) stale.agents.add(id);
    },
    view: {
      agent: holdings.agent,
      agentByDid: holdings.agentByDid,
      transportCredential: holdings.transportCredential,
      signatureCredential: holdings.signatureCredential,
      agentCount: holdings.count,
      isTokenRevoked: (jti: string) => revokedTokens.has(jti),
      policy: () => present(policy, "the scope policy"),
      zones: () => present(zones, "the zone map"),
      rules: () => present(rules, "the detection rules"),
    },
  };
}

export type Reader = ReturnType<typeof createReader>;
