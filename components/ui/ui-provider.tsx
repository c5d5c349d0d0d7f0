"use client";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { theme } from "./theme.ts";

/** Everything the widgets need. `nonce` is the page's content security policy nonce, for the style elements. */
export function UiProvider({ nonce, children }: { nonce: string; children: ReactNode }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="dark" getStyleNonce={() => nonce}>
      {children}
      <Notifications position="bottom-right" limit={3} />
    </MantineProvider>
  );
}
