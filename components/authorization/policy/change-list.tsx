import type { Effect, PolicyChange } from "#server/layers/authorization/change-schema.ts";
import { Badge } from "../../ui/badge.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import type { Tone } from "../../ui/tone.ts";
import classes from "./policy.module.css";
import { changesInOrder, countEffects } from "./policy-words.ts";

const TONES: Record<Effect, Tone> = { loosens: "high", tightens: "ok", neutral: "neutral" };

/** Which way a change goes: shape, word and colour. */
export function EffectBadge({ effect }: { effect: Effect }) {
  return <Badge tone={TONES[effect]}>{effect}</Badge>;
}

type Props = {
  changes: readonly PolicyChange[];
  /** Names of the accounts that the changes name, by id. */
  people?: Readonly<Record<string, string>>;
  label: string;
};

/** In what two policies differ: what loosens first, each with the rule by which it is judged. */
export function ChangeList({ changes, people = {}, label }: Props) {
  if (changes.length === 0)
    return <EmptyState title="No difference">Both say the same, apart from their number.</EmptyState>;
  return (
    <ul className={classes.changes} aria-label={label}>
      {changesInOrder(changes).map((change) => (
        <li key={change.path} className={classes.change}>
          <EffectBadge effect={change.effect} />
          <div>
            <div>
              {change.said}
              {change.account === null ? null : (
                <>
                  {" "}
                  <strong>{people[change.account] ?? change.account}</strong>
                </>
              )}
            </div>
            <div className="muted">{change.rule}</div>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** How many changes go which way, as badges for the head of a panel. */
export function EffectCounts({ changes }: { changes: readonly PolicyChange[] }) {
  return (
    <span className={classes.counts}>
      {countEffects(changes).map(([effect, count]) => (
        <Badge key={effect} tone={TONES[effect]}>
          {count} {effect === "neutral" ? "neutral" : effect === "loosens" ? "loosen" : "tighten"}
        </Badge>
      ))}
    </span>
  );
}
