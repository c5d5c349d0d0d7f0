import { IconCheck, IconX } from "@tabler/icons-react";
import type { IsolationMap } from "#server/layers/isolation/schema.ts";
import { Panel } from "../ui/panel.tsx";
import classes from "./isolation.module.css";

/** Which zone may reach which: from the row to the column, with the reason on each allowed cell. */
export function ZoneMatrix({ map }: { map: IsolationMap }) {
  const edge = (from: string, to: string) => map.edges.find((one) => one.from === from && one.to === to);
  return (
    <Panel title="Allowed between zones" note="from row to column" flush>
      <div className={classes.scroll}>
        <table className={classes.matrix} aria-label="Which zone may reach which">
          <thead>
            <tr>
              <td />
              {map.zones.map((zone) => (
                <th key={zone.name} scope="col" title={zone.title}>
                  {zone.name.toUpperCase()}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {map.zones.map((from) => (
              <tr key={from.name}>
                <th scope="row">
                  {from.name.toUpperCase()} <span className="muted">{from.title}</span>
                </th>
                {map.zones.map((to) => {
                  const allowed = edge(from.name, to.name);
                  return (
                    <td key={to.name} data-allowed={Boolean(allowed)} title={allowed?.reason ?? "denied"}>
                      {allowed ? <IconCheck size={14} aria-hidden /> : <IconX size={12} aria-hidden />}
                      <span className="visually-hidden">
                        {allowed ? `allowed: ${allowed.reason}` : "denied"}
                      </span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
