import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import path from "node:path";
import { vi } from "vitest";
import { isThere } from "./openssl.ts";

/** Whether the real nginx is here. */
export const hasNginx = isThere("nginx", ["-v"]) && isThere("openssl", ["version"]);

export type TestCertificate = { keyPem: string; certificatePem: string; keyFile: string; certFile: string };

/** A self-signed certificate of the test's own, made by openssl. */
export function selfSigned(
  folder: string,
  name: string,
  { uri = `spiffe://other/agent/${name}` }: { uri?: string | null } = {},
): TestCertificate {
  const [keyFile, certFile] = [path.join(folder, `${name}.key`), path.join(folder, `${name}.crt`)];
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-keyout", keyFile, "-out", certFile, "-subj", `/CN=${name}`, "-utf8"],
      ...["-addext", `subjectAltName=DNS:localhost${uri ? `,URI:${uri}` : ""}`],
    ],
    { stdio: "ignore" },
  );
  return {
    ...{ keyFile, certFile },
    keyPem: readFileSync(keyFile, "utf8"),
    certificatePem: readFileSync(certFile, "utf8"),
  };
}

/** How nginx tells of its client: as Envoy does, or as RFC 9440 says, put together by a map without njs. */
export type NginxForm = "xfcc" | "rfc9440";

const PEM_LINES_MAX = 24;
const HEADERS: Record<NginxForm, string> = {
  xfcc: `proxy_set_header X-Forwarded-Client-Cert 'Cert="$ssl_client_escaped_cert"';
      proxy_set_header Client-Cert "";`,
  rfc9440: `proxy_set_header Client-Cert $client_cert_rfc9440;
      proxy_set_header X-Forwarded-Client-Cert "";`,
};

/** nginx takes the line breaks out of its client's PEM: one capture a line, put side by side between colons. */
function rfc9440Map(): string {
  const lines = Array.from({ length: PEM_LINES_MAX }, (_, index) => `cc${index + 1}`);
  const [first, ...rest] = lines.map((name) => `(?<${name}>[A-Za-z0-9+/=]+)\\n`);
  const pattern = `^-----BEGIN CERTIFICATE-----\\n${first}${rest.map((line) => `(?:${line})?`).join("")}-----END CERTIFICATE-----`;
  return `map $ssl_client_raw_cert $client_cert_rfc9440 {
    default "";
    "~${pattern}" ":${lines.map((name) => `$${name}`).join("")}:";
  }`;
}

/** A real nginx that ends the agents' TLS and speaks to the gateway's door for hops with a certificate of its own. */
export async function startNginx(
  folder: string,
  to: {
    port: number;
    hopPort: number;
    form: NginxForm;
    server: TestCertificate;
    own: TestCertificate;
    /** Authorities of the agents' certificates, and of the gateway's. */
    clientCaPem: string;
    gatewayRootPem: string;
    /** Whether nginx asks for a certificate of these authorities, or takes any and none. */
    verify?: "on" | "optional_no_ca";
  },
): Promise<{ port: number; close: () => Promise<void> }> {
  const home = path.join(folder, `nginx-${to.port}`);
  mkdirSync(home, { recursive: true });
  const file = (name: string, text: string) => {
    writeFileSync(path.join(home, name), text);
    return path.join(home, name);
  };
  const config = file(
    "nginx.conf",
    `daemon off; user root; worker_processes 1; pid ${home}/pid; error_log ${home}/error.log info;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${home}/body; proxy_temp_path ${home}/proxy; fastcgi_temp_path ${home}/f;
  uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
  ${rfc9440Map()}
  upstream vigil { server 127.0.0.1:${to.hopPort}; keepalive 4; }
  server {
    listen 127.0.0.1:${to.port} ssl;
    ssl_certificate ${to.server.certFile}; ssl_certificate_key ${to.server.keyFile};
    ssl_protocols TLSv1.3;
    ssl_client_certificate ${file("agents-ca.pem", to.clientCaPem)};
    ssl_verify_client ${to.verify ?? "on"}; ssl_verify_depth 1;
    location / {
      proxy_pass https://vigil; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      ${HEADERS[to.form]}
      proxy_set_header Client-Cert-Chain "";
      proxy_set_header Vigil-Client-TLS "$ssl_protocol $ssl_cipher $ssl_curve $ssl_session_reused $connection_requests";
      proxy_ssl_certificate ${to.own.certFile}; proxy_ssl_certificate_key ${to.own.keyFile};
      proxy_ssl_trusted_certificate ${file("gateway-root.pem", to.gatewayRootPem)};
      proxy_ssl_verify on; proxy_ssl_verify_depth 2; proxy_ssl_name localhost; proxy_ssl_server_name on;
      proxy_ssl_protocols TLSv1.3;
    }
  }
}
`,
  );
  const child = spawn("nginx", ["-c", config, "-p", home], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await vi.waitFor(async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
    await new Promise<void>((resolve, reject) => {
      const probe = connectTcp(to.port, "127.0.0.1", () => resolve(void probe.destroy())).once(
        "error",
        reject,
      );
    });
  }, 10_000);
  return {
    port: to.port,
    close: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
