import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { ConflictError } from "../kernel/errors.ts";

/** The right to run one duty until `expiresAt`. Every write of the duty checks `epoch` in its transaction. */
export type Lease = { name: string; holder: string; epoch: number };

export const LEASE_SECONDS = 5;

/** Takes a free or expired lease (a new epoch), or renews the one held. Null while another process holds it. */
export async function takeLease(db: Database, name: string, holder: string): Promise<Lease | null> {
  const { rows } = await db.execute<{ epoch: number }>(sql`
    insert into leases as l (name, holder, epoch, expires_at)
    values (${name}, ${holder}, 1, now() + make_interval(secs => ${LEASE_SECONDS}))
    on conflict (name) do update set
      holder = excluded.holder,
      epoch = case when l.holder = excluded.holder then l.epoch else l.epoch + 1 end,
      expires_at = excluded.expires_at
    where l.holder = excluded.holder or l.expires_at < now()
    returning epoch`);
  const row = rows[0];
  return row ? { name, holder, epoch: Number(row.epoch) } : null;
}

/** Gives the lease back at once, so that another process need not wait for it to expire. */
export async function releaseLease(db: Database, lease: Lease): Promise<void> {
  await db.execute(
    sql`update leases set expires_at = now() where name = ${lease.name} and holder = ${lease.holder} and epoch = ${lease.epoch}`,
  );
}

/**
 * The fence: called first in every write transaction of a duty. It locks the lease row, so that no other
 * process can take the lease until this transaction ends.
 *
 * @throws ConflictError `lease_lost` when another process has taken over.
 */
export async function holdLease(tx: Tx, lease: Lease): Promise<void> {
  const { rows } = await tx.execute(sql`
    select 1 from leases where name = ${lease.name} and holder = ${lease.holder} and epoch = ${lease.epoch} for share`);
  if (rows.length === 0)
    throw new ConflictError("lease_lost", `Another worker has taken over ${lease.name}.`, {
      duty: lease.name,
    });
}
