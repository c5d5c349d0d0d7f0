"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type MouseEvent, type ReactNode, useRef } from "react";
import classes from "./data-table.module.css";
import { useRowKeys } from "./use-row-keys.ts";

export type Column<Row> = {
  key: string;
  header: string;
  render: (row: Row) => ReactNode;
  align?: "right";
  /** Takes what room is left, and cuts its text where there is too little. One a table. */
  grow?: boolean;
  /** Left out on a phone. */
  wideOnly?: boolean;
  /** This cell holds the row's link: the one that j, k and Enter use. */
  primary?: boolean;
};

type Props<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Where a row leads. Without it the table only shows. */
  rowHref?: (row: Row) => string;
  /** The row whose detail is open beside the table. */
  selected?: string | null;
  /** Single keys that act on the focused row, such as `e` to acknowledge. */
  rowActions?: Record<string, (row: Row) => void>;
};

/** A dense table. Rows are reached by Tab or j and k, opened by Enter or a press; focus survives new data. */
export function DataTable<Row>({ label, columns, rows, rowKey, rowHref, selected, rowActions }: Props<Row>) {
  const table = useRef<HTMLTableElement>(null);
  const router = useRouter();
  useRowKeys(table, (key, id) => {
    const row = rows.find((candidate) => rowKey(candidate) === id);
    if (row) rowActions?.[key]?.(row);
  });
  const open = (event: MouseEvent, row: Row) => {
    if (!rowHref || (event.target as Element).closest("a,button,input,label")) return;
    if (window.getSelection()?.toString()) return;
    router.push(rowHref(row), { scroll: false });
  };
  const className = (column: Column<Row>) =>
    [
      column.align === "right" ? classes.right : "",
      column.wideOnly ? classes.hideNarrow : "",
      column.grow ? classes.grow : "",
      column.primary ? classes.primary : "",
    ].join(" ");
  return (
    <div className={classes.scroll}>
      <table className={classes.table} ref={table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={className(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const id = rowKey(row);
            return (
              <tr
                key={id}
                data-row={id}
                className={`${rowHref ? classes.open : ""} ${selected === id ? classes.selected : ""}`}
                onClick={(event) => open(event, row)}
              >
                {columns.map((column) => (
                  <td key={column.key} className={className(column)}>
                    {column.primary && rowHref ? (
                      <Link
                        href={rowHref(row)}
                        scroll={false}
                        className={classes.rowLink}
                        data-row-link
                        aria-current={selected === id ? "true" : undefined}
                        prefetch={false}
                      >
                        {column.render(row)}
                      </Link>
                    ) : (
                      column.render(row)
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
