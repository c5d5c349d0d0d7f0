"use client";

import { type ReactNode, useState } from "react";
import classes from "./charts.module.css";

type Props = { label: string; chart: ReactNode; table: ReactNode };

/** A chart under its name, in UTC, and the same as a table at a press. */
export function ChartFrame({ label, chart, table }: Props) {
  const [asTable, setAsTable] = useState(false);
  return (
    <div className={classes.frame}>
      <div className={classes.tools}>
        <span>{label}, UTC</span>
        <button
          type="button"
          className={classes.toggle}
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? "View as chart" : "View as table"}
        </button>
      </div>
      {asTable ? table : chart}
    </div>
  );
}
