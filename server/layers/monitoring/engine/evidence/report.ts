import { significant } from "../robust.ts";
import { DECLARED, type Hours, type Rarity, strengthsOf } from "./rarity.ts";

type Judged = {
  model: { rarity: Rarity; features: { name: string; scale: { kind: string } }[] };
  pooled: boolean;
};

/**
 * How well the declared rates hold on the days that were held out: for each score the alarms an entity and day, each
 * counted once an hour, and how far that is from what is declared (1 is exact).
 */
export function reportOf(
  scorer: { id: string; version: string },
  judges: { of: ReadonlyMap<string, Judged>; held: readonly { hours: Hours; rarity: Rarity }[] },
) {
  const judged = [...judges.of.values()];
  const days = judges.held.reduce((sum, { hours }) => sum + hours.days, 0);
  return {
    scorer: { id: scorer.id, version: scorer.version },
    entities: judged.length,
    pooled: judged.filter(({ pooled }) => pooled).length,
    days: significant(days),
    features: judged[0]?.model.features.map(({ name, scale }) => ({ name, scale: scale.kind })) ?? [],
    rates: DECLARED.map(({ score, perDay }, at) => {
      const passed = judges.held.reduce((sum, { hours, rarity }) => {
        const least = strengthsOf(rarity)[at] ?? Number.POSITIVE_INFINITY;
        return sum + hours.highest.reduce((count, strength) => count + (strength > least ? 1 : 0), 0);
      }, 0);
      const observed = days === 0 ? 0 : passed / days;
      return {
        score,
        declaredPerDay: perDay,
        heldOutPerDay: significant(observed),
        ratio: significant(observed / perDay),
      };
    }),
  };
}
