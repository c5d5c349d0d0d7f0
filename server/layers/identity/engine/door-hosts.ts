/** Host names and addresses that the doors' certificate must carry for these URLs, sorted. */
export function doorHosts(env: { gatewayUrl: string; enrolUrl: string }): string[] {
  const hosts = [env.gatewayUrl, env.enrolUrl].map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ""));
  return [...new Set(["localhost", "127.0.0.1", ...hosts])].sort();
}
