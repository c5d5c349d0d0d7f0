import type { Database, Tx } from "../../../db/client.ts";
import type { ReceivedSignal } from "../../layers/monitoring/signal-schema.ts";
import type { SourceRow } from "../../layers/monitoring/signal-source-store.ts";
import { receivedBefore } from "../../layers/monitoring/signal-store.ts";
import type { Item } from "./read-events.ts";

export type Told = {
  /** With the id under which it is kept. */
  item: Item;
  /** What was made of it before this request; null where it is new, or came earlier in this very request. */
  before: ReceivedSignal | null;
  /** It is the same as an earlier one of this request. */
  again: boolean;
};

/**
 * Tells new events from those that came before. Where a sender chooses its ids itself and uses one again for other
 * content, that is another event, kept under the id and its digest: neither takes the other's place.
 */
export async function tellApart(
  db: Database | Tx,
  source: SourceRow,
  items: readonly Item[],
): Promise<Told[]> {
  if (items.length === 0) return [];
  const before = await receivedBefore(
    db,
    source.id,
    items.flatMap((item) => [item.eventId, otherId(item)]),
  );
  const digests = new Map([...before].map(([eventId, { digest }]) => [eventId, digest]));
  const here = new Set<string>();
  return items.map((item) => {
    const first = digests.get(item.eventId);
    const differs = source.kind === "generic" && first !== undefined && first !== item.digest;
    const eventId = differs ? otherId(item) : item.eventId;
    const found = before.get(eventId);
    const again = !found && here.has(eventId);
    if (!found) {
      here.add(eventId);
      if (!digests.has(eventId)) digests.set(eventId, item.digest);
    }
    return { item: { ...item, eventId }, before: found ? answerOf(found) : null, again };
  });
}

const otherId = ({ eventId, digest }: Item) => `${eventId}#${digest}`;

const answerOf = ({
  id,
  outcome,
  reason,
}: {
  id: string;
  outcome: string;
  reason: string | null;
}): ReceivedSignal => ({
  ...{ id, reason, repeated: true },
  outcome: outcome as ReceivedSignal["outcome"],
});
