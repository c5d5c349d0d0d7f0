/**
 * The pages' content security policy. Scripts run by nonce alone, and nothing becomes a script or markup except
 * through the page's Trusted Types policy. `style-src-attr` is for the widths and positions that the charts
 * write into style attributes. A development server needs `eval` and its own ways of loading code.
 */
export function contentSecurityPolicy(nonce: string, development: boolean): string {
  const directives = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ];
  if (!development) directives.push("require-trusted-types-for 'script'", "trusted-types default nextjs");
  return directives.join("; ");
}
