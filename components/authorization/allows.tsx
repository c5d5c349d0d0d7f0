import type { GrantLimits } from "#server/layers/authorization/limits-schema.ts";
import { limitWords } from "./limit-words.ts";

/** What limits allow, in a cell that wraps: names of resources are as long as somebody made them. */
export function Allows({ limits }: { limits: GrantLimits | null }) {
  return (
    <div
      className="muted"
      style={{ whiteSpace: "normal", overflowWrap: "anywhere", maxWidth: "28ch", paddingBlockEnd: 4 }}
    >
      {limits ? limitWords(limits) : "the whole scope"}
    </div>
  );
}
