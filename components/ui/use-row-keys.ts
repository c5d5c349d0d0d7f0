"use client";

import { type RefObject, useEffect, useRef } from "react";
import { singleKeysOn } from "./single-keys.ts";

/**
 * j and k move among the rows' links, wherever the focus is on the page but in a field; other single keys go
 * to `act` with the focused row's key. Moving is a focus change alone, so it never waits for a render.
 */
export function useRowKeys(
  table: RefObject<HTMLTableElement | null>,
  act: (key: string, rowKey: string) => void,
): void {
  const latest = useRef(act);
  const last = useRef<{ link: HTMLElement; before: HTMLElement[] } | null>(null);
  useEffect(() => {
    latest.current = act;
    // A row that left while it held the focus hands it to the one that took its place.
    const lost = last.current && !last.current.link.isConnected && document.activeElement === document.body;
    if (!table.current || !lost) return;
    const links = [...table.current.querySelectorAll<HTMLElement>("[data-row-link]")];
    const at = last.current?.before.filter((link) => link.isConnected).length ?? 0;
    links[Math.min(at, links.length - 1)]?.focus();
  });
  useEffect(() => {
    const onFocus = (event: FocusEvent) => {
      const link = event.target as HTMLElement;
      if (!table.current?.contains(link) || !link.matches("[data-row-link]")) return;
      const links = [...table.current.querySelectorAll<HTMLElement>("[data-row-link]")];
      last.current = { link, before: links.slice(0, links.indexOf(link)) };
    };
    document.addEventListener("focusin", onFocus);
    return () => document.removeEventListener("focusin", onFocus);
  }, [table]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!table.current || !isSingleKey(event)) return;
      const links = [...table.current.querySelectorAll<HTMLElement>("[data-row-link]")];
      const at = links.indexOf(document.activeElement as HTMLElement);
      if (event.key === "j" || event.key === "k") {
        const next = event.key === "j" ? at + 1 : Math.max(0, at - 1);
        links[Math.min(next, links.length - 1)]?.focus();
        return;
      }
      const rowKey = links[at]?.closest("tr")?.dataset.row;
      if (rowKey) latest.current(event.key, rowKey);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [table]);
}

/** A bare key press that is not text being typed, while single-key shortcuts are on (WCAG 2.1.4). */
export function isSingleKey(event: KeyboardEvent): boolean {
  if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return false;
  const { target } = event;
  if (
    target instanceof Element &&
    target.closest("input,textarea,select,[contenteditable=true],[role=dialog]")
  )
    return false;
  return singleKeysOn();
}
