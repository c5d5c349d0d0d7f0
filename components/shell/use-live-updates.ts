"use client";

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { syncServerClock } from "../ui/server-clock.ts";
import { setLive } from "./live.ts";
import { pauseMs, routersOf } from "./topics.ts";

const REOPEN_MS = 3_000;

/** Keeps the page's data as new as the server's: hears what changed and reads it anew, nothing else. */
export function useLiveUpdates(): void {
  const client = useQueryClient();
  useEffect(() => {
    const reader = makeReader(client);
    let source: EventSource;
    let reopen: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource("/api/events");
      source.addEventListener("beat", (event) => {
        syncServerClock(Date.parse((JSON.parse(event.data) as { now: string }).now));
        setLive("heard");
      });
      source.addEventListener("change", (event) => {
        for (const router of routersOf((JSON.parse(event.data) as { topic: string }).topic))
          reader.soon(router);
      });
      source.addEventListener("resync", () => void client.invalidateQueries());
      source.addEventListener("error", () => {
        setLive("lost");
        if (source.readyState !== EventSource.CLOSED) return;
        // A session that ended shows in the next reading, which leads to the sign-in.
        void client.invalidateQueries();
        reopen = setTimeout(open, REOPEN_MS);
      });
    };
    open();
    return () => {
      source.close();
      clearTimeout(reopen);
      reader.stop();
    };
  }, [client]);
}

/** Reads a router anew at once, then not again until its pause is over; what comes meanwhile waits till then. */
function makeReader(client: QueryClient) {
  const pausing = new Map<string, { timer: ReturnType<typeof setTimeout>; again: boolean }>();
  const read = (router: string) => {
    // tRPC's query keys begin with the path: [["alerts", "list"], …].
    void client.invalidateQueries({ predicate: ({ queryKey }) => pathOf(queryKey)[0] === router });
    const pause = {
      again: false,
      timer: setTimeout(() => {
        pausing.delete(router);
        if (pause.again) read(router);
      }, pauseMs(router)),
    };
    pausing.set(router, pause);
  };
  return {
    soon: (router: string) => {
      const pause = pausing.get(router);
      if (pause) pause.again = true;
      else read(router);
    },
    stop: () => {
      for (const { timer } of pausing.values()) clearTimeout(timer);
      pausing.clear();
    },
  };
}

function pathOf(queryKey: readonly unknown[]): readonly unknown[] {
  return Array.isArray(queryKey[0]) ? queryKey[0] : [];
}
