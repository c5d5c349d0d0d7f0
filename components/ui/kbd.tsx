import classes from "./small.module.css";

/** A key, as it is written on it. */
export function Kbd({ children }: { children: string }) {
  return <kbd className={classes.kbd}>{children}</kbd>;
}
