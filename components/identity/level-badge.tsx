import type { Level } from "#server/layers/identity/facts-schema.ts";
import { Badge } from "../ui/badge.tsx";
import { levelWords } from "./facts-words.ts";

/** The compliance level that attestations bear out now. It is never given what is only claimed. */
export function LevelBadge({ effective }: { effective: Level | null }) {
  const { word, tone } = levelWords(effective);
  return (
    <Badge tone={tone}>
      <span className="visually-hidden">compliance level: </span>
      {word}
    </Badge>
  );
}
