/** Milliseconds from the Unix epoch to PostgreSQL's, 2000-01-01 UTC. */
const PG_EPOCH_MS = 946_684_800_000;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

type Element = { oid: number; encode: (value: never) => Buffer };
const text = (value: string) => Buffer.from(value, "utf8");

/** Element types by their OID in pg_type.dat, and what each looks like on the wire (its `…_send` function). */
const ELEMENTS = {
  bytea: { oid: 17, encode: (value: Buffer) => value },
  int4: { oid: 23, encode: int4 },
  text: { oid: 25, encode: text },
  timestamptz: { oid: 1184, encode: timestamptz },
  uuid: { oid: 2950, encode: (value: string) => Buffer.from(value.replaceAll("-", ""), "hex") },
  jsonb: { oid: 3802, encode: (value: unknown) => Buffer.from(`\u0001${JSON.stringify(value)}`, "utf8") },
} satisfies Record<string, Element>;

type Elements = typeof ELEMENTS;
export type ElementType = keyof Elements;
export type ElementOf<T extends ElementType> = Parameters<Elements[T]["encode"]>[0];

/**
 * An array parameter in PostgreSQL's binary format (`array_recv`), which the driver sends as it is: a tenth of the
 * work of the text format for both sides, where bytes travel as escaped hexadecimal.
 *
 * @param items instants to the millisecond; `jsonb` any JSON value; null an SQL null.
 */
export function binaryArray<T extends ElementType>(
  type: T,
  items: readonly (ElementOf<T> | null | undefined)[],
): Buffer {
  const { oid, encode } = ELEMENTS[type] as Element;
  const encoded = items.map((item) => (item === null || item === undefined ? null : encode(item as never)));
  const bytes = encoded.reduce((sum, it) => sum + LENGTH_BYTES + (it?.length ?? 0), HEADER_BYTES);
  const array = Buffer.allocUnsafe(bytes);
  let at = writeHeader(array, oid, encoded);
  for (const element of encoded) {
    at = array.writeInt32BE(element?.length ?? -1, at);
    if (element) at += element.copy(array, at);
  }
  return array;
}

/** One dimension that starts at 1: dimensions, whether there are nulls, element type, length, lower bound. */
function writeHeader(array: Buffer, oid: number, items: readonly unknown[]): number {
  array.writeInt32BE(1, 0);
  array.writeInt32BE(items.includes(null) ? 1 : 0, 4);
  array.writeUInt32BE(oid, 8);
  array.writeInt32BE(items.length, 12);
  return array.writeInt32BE(1, 16);
}

function int4(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function timestamptz(value: Date): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(value.getTime() - PG_EPOCH_MS) * 1000n);
  return bytes;
}
