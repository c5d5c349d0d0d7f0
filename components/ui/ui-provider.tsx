"use client";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { theme } from "./theme.ts";

type Bundler = { __webpack_nonce__?: string };

/** Everything the widgets need. `nonce` is the page's content security policy nonce, for the style elements. */
export function UiProvider({ nonce, children }: { nonce: string; children: ReactNode }) {
  // Where the dialogs' scroll lock looks for the nonce of the style element that it adds.
  if (typeof window !== "undefined") (window as Bundler).__webpack_nonce__ = nonce;
  return (
    <MantineProvider theme={theme} defaultColorScheme="dark" getStyleNonce={() => nonce}>
      {children}
      <Notifications position="bottom-right" limit={3} />
    </MantineProvider>
  );
}
