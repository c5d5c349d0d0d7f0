import type { ReactNode } from "react";
import { LAYERS } from "#server/layers.ts";
import { Mark } from "../shell/mark.tsx";
import classes from "./entry.module.css";

/** The frame of the pages before sign-in: what Vigil is, beside the form. */
export function EntryPage({ children }: { children: ReactNode }) {
  return (
    <div className={classes.page}>
      <aside className={classes.story} aria-label="About Vigil">
        <div className={classes.name}>
          <Mark sizePx={34} />
          Vigil
        </div>
        <p className={classes.line}>
          The security operations console for the bank's AI agents. Seven layers, each with its own proof.
        </p>
        <ol className={classes.layers}>
          {LAYERS.map(({ number, title, promise }) => (
            <li key={title}>
              <span>{number}</span>
              <strong>{title}</strong>
              <span>{promise}</span>
            </li>
          ))}
        </ol>
      </aside>
      <main className={classes.entry}>
        <div className={classes.form}>
          <div className={classes.small}>
            <Mark /> Vigil
          </div>
          {children}
        </div>
      </main>
    </div>
  );
}
