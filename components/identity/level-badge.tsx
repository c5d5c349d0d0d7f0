import type { Level } from "#server/layers/identity/facts-schema.ts";
import { Badge } from "../ui/badge.tsx";
import { levelWords } from "./facts-words.ts";

/**
 * The compliance level that attestations bear out now. It is never given what is only claimed.
 *
 * @param alone where no heading says that it is a level.
 */
export function LevelBadge({ effective, alone = false }: { effective: Level | null; alone?: boolean }) {
  const { word, tone } = levelWords(effective);
  return <Badge tone={tone}>{alone && effective ? `${word} level` : word}</Badge>;
}
