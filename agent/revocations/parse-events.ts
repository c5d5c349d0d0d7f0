/** One server-sent event: its kind, its data, and the id where the event itself carried one. */
export type ServerEvent = { event: string; data: string; id: string | null };

/** An event of more text than this is not one of Vigil's. */
const EVENT_CHARS_MAX = 1_048_576;

/**
 * Reads server-sent events from text as it arrives, cut anywhere.
 *
 * @returns a function that takes the next piece and gives the events that it completes.
 * @throws RangeError when one event has more than a million characters.
 */
export function createEventParser(): (text: string) => ServerEvent[] {
  let rest = "";
  return (text) => {
    rest += text;
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    if (rest.length > EVENT_CHARS_MAX) throw new RangeError("an event of the stream has no end");
    return blocks.flatMap(readBlock);
  };
}

function readBlock(block: string): ServerEvent[] {
  const read: ServerEvent = { event: "message", data: "", id: null };
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value = ""] = /^([a-z]+):? ?(.*)$/.exec(line) ?? [];
    if (field === "event") read.event = value;
    else if (field === "id") read.id = value;
    else if (field === "data") data.push(value);
  }
  return data.length > 0 ? [{ ...read, data: data.join("\n") }] : [];
}
