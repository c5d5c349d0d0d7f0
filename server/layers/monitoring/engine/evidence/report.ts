import { significant } from "../robust.ts";
import { DECLARED, type Hours, poolRarity, type Rarity, strengthAt } from "./rarity.ts";

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
  judges: { of: ReadonlyMap<string, Judged>; held: readonly Hours[] },
) {
  const judged = [...judges.of.values()];
  const days = judges.held.reduce((sum, one) => sum + one.days, 0);
  const rarities = judged.map(({ model }) => model.rarity);
  return {
    scorer: { id: scorer.id, version: scorer.version },
    entities: judged.length,
    pooled: judged.filter(({ pooled }) => pooled).length,
    days: significant(days),
    features: judged[0]?.model.features.map(({ name, scale }) => ({ name, scale: scale.kind })) ?? [],
    rates: DECLARED.map(({ score, perDay }) => {
      const passed = judges.held.reduce((sum, { highest }, at) => {
        const rarity = rarities[at];
        const least = rarity ? strengthAt(perDay, poolRarity(rarity, rarities)) : Number.POSITIVE_INFINITY;
        return sum + highest.reduce((count, strength) => count + (strength > least ? 1 : 0), 0);
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
