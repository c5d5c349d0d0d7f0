import classes from "./charts.module.css";
import type { ChartPoint } from "./downsample.ts";
import { tableTwin } from "./table-twin.ts";

type Props = { label: string; points: readonly ChartPoint[]; format: (value: number) => string };

/** The chart's own points as a table, newest first. */
export function ChartTable({ label, points, format }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <section className={classes.twin} tabIndex={0} aria-label={`${label} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">{label}</th>
            <th scope="col">Usual</th>
          </tr>
        </thead>
        <tbody>
          {tableTwin(points, format).map((row) => (
            <tr key={row.at}>
              <td className="mono">{row.at}</td>
              <td>{row.value}</td>
              <td>{row.usual}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
