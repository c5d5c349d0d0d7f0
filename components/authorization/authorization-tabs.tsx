"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { AUTHORIZATION_PAGES, isAt } from "../shell/nav-items.ts";
import classes from "./authorization.module.css";

/** The authorization layer's pages, one press apart. */
export function AuthorizationTabs() {
  const pathname = usePathname();
  return (
    <nav aria-label="Authorization">
      <ul className={classes.tabs}>
        {AUTHORIZATION_PAGES.map(({ title, path }) => (
          <li key={path}>
            <Link href={path} aria-current={isAt(pathname, path) ? "page" : undefined}>
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
