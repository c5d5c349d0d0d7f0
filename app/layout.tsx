import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "#components/ui/tokens.css";
import { ColorSchemeScript, mantineHtmlProps } from "@mantine/core";
import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { TRPCProvider } from "#components/trpc/provider.tsx";
import { UiProvider } from "#components/ui/ui-provider.tsx";
import { TrustedTypes } from "./trusted-types.tsx";

export const metadata: Metadata = {
  title: { default: "Vigil", template: "%s · Vigil" },
  description: "The security operations console for the bank's AI agents",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: dark)", color: "#0b0e13" },
    { media: "(prefers-color-scheme: light)", color: "#f3f5f8" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? "";
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <TrustedTypes nonce={nonce} />
        <ColorSchemeScript nonce={nonce} defaultColorScheme="dark" />
      </head>
      <body>
        <UiProvider nonce={nonce}>
          <TRPCProvider>{children}</TRPCProvider>
        </UiProvider>
      </body>
    </html>
  );
}
