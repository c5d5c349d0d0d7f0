"use client";

import { useQuery } from "@tanstack/react-query";
import { EXPIRY_BUCKETS, type ExpiryOverview as Overview } from "#server/layers/identity/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { formatCount } from "../ui/format.ts";
import { Loaded } from "../ui/loaded.tsx";
import { Meter } from "../ui/meter.tsx";
import { Panel } from "../ui/panel.tsx";
import { BUCKET_WORDS, bucketRows } from "./bucket-words.ts";
import classes from "./rotation.module.css";

/** How many credentials end how soon, by purpose. */
export function ExpiryOverview() {
  const trpc = useTRPC();
  const overview = useQuery(trpc.agents.expiryOverview.queryOptions());
  return (
    <Panel title="When they end" note="share of each purpose" flush>
      <Loaded query={overview} what="the overview" rows={5}>
        {(data) => <Buckets overview={data} />}
      </Loaded>
    </Panel>
  );
}

/** A table is its own twin: the bars say again what the numbers do. */
function Buckets({ overview }: { overview: Overview }) {
  return (
    <div className={classes.scroll}>
      <table className={classes.buckets} aria-label="Credentials by purpose and time to their end">
        <thead>
          <tr>
            <th scope="col">Purpose</th>
            {EXPIRY_BUCKETS.map((bucket) => (
              <th key={bucket} scope="col">
                {BUCKET_WORDS[bucket].head}
              </th>
            ))}
            <th scope="col">All</th>
          </tr>
        </thead>
        <tbody>
          {bucketRows(overview).map(({ purpose, cells, total }) => (
            <tr key={purpose}>
              <th scope="row">{purpose}</th>
              {cells.map(({ bucket, count, part }) => (
                <td key={bucket}>
                  {count === 0 ? (
                    <span className={classes.none}>0</span>
                  ) : (
                    <span className={classes.cell}>
                      <Meter
                        part={part}
                        tone={BUCKET_WORDS[bucket].tone}
                        label={`${Math.round(part * 100)} % of the ${purpose} credentials ${BUCKET_WORDS[bucket].said}`}
                      />
                      {formatCount(count)}
                    </span>
                  )}
                </td>
              ))}
              <td>{formatCount(total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
