/** Only the console's own chunks become scripts; only an empty script element and plain text become markup. */
const POLICY = `
if (window.trustedTypes) trustedTypes.createPolicy("default", {
  createScriptURL: (text) => {
    const url = new URL(text, location.href);
    if (url.origin === location.origin && url.pathname.startsWith("/_next/static/")) return text;
    throw new TypeError("refused as a script: " + url.origin + url.pathname);
  },
  createHTML: (text) => {
    if (text === "<script><" + "/script>" || !text.includes("<")) return text;
    throw new TypeError("refused as markup");
  },
});`;

/** The page's Trusted Types policy; the first script of the page, or nothing hydrates. */
export function TrustedTypes({ nonce }: { nonce: string }) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, allowed by the page's nonce.
  return <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: POLICY }} />;
}
