import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readForwardedCertificate } from "./read-forwarded-certificate.ts";

const DER = Buffer.from("30820102this stands for a certificate; who reads it does not look inside it.");
const BASE64 = DER.toString("base64");
const PEM = `-----BEGIN CERTIFICATE-----\n${BASE64.slice(0, 64)}\n${BASE64.slice(64)}\n-----END CERTIFICATE-----\n`;
const CERT = `Cert="${encodeURIComponent(PEM)}"`;

const clientCert = (...values: string[]) => readForwardedCertificate({ clientCert: values, xfcc: [] });
const xfcc = (...values: string[]) => readForwardedCertificate({ clientCert: [], xfcc: values });
const reasonOf = (read: ReturnType<typeof readForwardedCertificate>) => (read.ok ? "taken" : read.code);

describe("Client-Cert (RFC 9440)", () => {
  it("is the DER between colons", () => {
    expect(clientCert(`:${BASE64}:`)).toEqual({ ok: true, der: DER, hash: null });
  });

  it.each([
    BASE64,
    `:${BASE64}`,
    `${BASE64}:`,
    `::`,
    `: ${BASE64}:`,
    `:${BASE64}:;a=1`,
    `:${BASE64}: `,
    `"${BASE64}"`,
    `:${BASE64.replace("A", "-")}_:`,
    `:${BASE64}=:`,
    `:${BASE64}====:`,
    encodeURIComponent(PEM),
    PEM,
  ])("is nothing else: %j", (value) => {
    expect(reasonOf(clientCert(value))).toBe("client_certificate_header_malformed");
  });

  it("is refused where another spelling of base64 would give the same bytes", () => {
    expect(BASE64.endsWith("=")).toBe(true);
    expect(Buffer.from("YR==", "base64")).toEqual(Buffer.from("YQ==", "base64"));
    expect(reasonOf(clientCert(":YR==:"))).toBe("client_certificate_header_malformed");
    expect(reasonOf(clientCert(`:${BASE64.replace(/=+$/, "")}:`))).toBe(
      "client_certificate_header_malformed",
    );
  });
});

describe("X-Forwarded-Client-Cert (Envoy)", () => {
  it("is taken by its Cert=, as nginx and Envoy write it, with what Envoy puts beside", () => {
    const more = `By=spiffe://bank/proxy;Hash=${"AB".repeat(32)};${CERT};Subject="CN=\\"a, b; c\\"";URI=spiffe://bank/agent/a`;
    expect(xfcc(CERT)).toEqual({ ok: true, der: DER, hash: null });
    expect(xfcc(more)).toEqual({ ok: true, der: DER, hash: "ab".repeat(32) });
  });

  it("with a hash alone is no certificate", () => {
    expect(reasonOf(xfcc(`Hash=${"ab".repeat(32)};Subject="CN=a"`))).toBe(
      "client_certificate_header_insufficient",
    );
  });

  it("is absent where the proxy had none to tell of", () => {
    expect(reasonOf(xfcc('Cert=""'))).toBe("certificate_missing");
  });

  it.each([
    ["a chain in one Cert", `Cert="${encodeURIComponent(PEM + PEM)}"`],
    ["broken escapes", 'Cert="%E0%A4%A"'],
    ["a quote that does not end", 'Cert="abc'],
    ["an unknown key", `${CERT};Evil=1`],
    ["no pairs", "hello"],
    ["a PEM of something else", `Cert="${encodeURIComponent(PEM.replaceAll("CERTIFICATE", "PRIVATE KEY"))}"`],
  ])("with %s is malformed", (_, value) => {
    expect(reasonOf(xfcc(value))).toBe("client_certificate_header_malformed");
  });
});

describe("more than one certificate is never chosen from", () => {
  it.each([
    ["two Client-Cert fields", clientCert(`:${BASE64}:`, `:${BASE64}:`)],
    ["two values in one Client-Cert", clientCert(`:${BASE64}:, :${BASE64}:`)],
    ["two XFCC fields", xfcc(CERT, CERT)],
    ["two XFCC elements", xfcc(`${CERT},${CERT}`)],
    ["an XFCC element after one without a certificate", xfcc(`By=a,${CERT}`)],
    ["two Cert= in one element", xfcc(`${CERT};${CERT}`)],
    ["both fields", readForwardedCertificate({ clientCert: [`:${BASE64}:`], xfcc: [CERT] })],
    [
      "a certificate beside an empty field",
      readForwardedCertificate({ clientCert: [`:${BASE64}:`], xfcc: [""] }),
    ],
  ])("%s", (_, read) => {
    expect(reasonOf(read)).toBe("client_certificate_header_ambiguous");
  });
});

describe("sizes", () => {
  const ofBytes = (bytes: number) => Buffer.alloc(bytes, 7).toString("base64");
  it("4,096 bytes are taken, and one more is not, in either form", () => {
    const pem = (bytes: number) =>
      `Cert="${encodeURIComponent(`-----BEGIN CERTIFICATE-----\n${ofBytes(bytes)}\n-----END CERTIFICATE-----\n`)}"`;
    expect([4_096, 4_097].map((bytes) => reasonOf(clientCert(`:${ofBytes(bytes)}:`)))).toEqual([
      "taken",
      "client_certificate_header_oversize",
    ]);
    expect([4_096, 4_097].map((bytes) => reasonOf(xfcc(pem(bytes))))).toEqual([
      "taken",
      "client_certificate_header_oversize",
    ]);
  });
  it("an enormous field is refused before it is taken apart", () => {
    expect(reasonOf(xfcc(`Cert="${"%41".repeat(1_000_000)}"`))).toBe("client_certificate_header_oversize");
  });
});

describe("for any text", () => {
  it("reading never throws, and what is taken is written back as it came", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const read = clientCert(text);
        if (read.ok) expect(`:${read.der.toString("base64")}:`).toBe(text);
        xfcc(text);
      }),
    );
  });
  it("any bytes come through both forms unchanged", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
        const base64 = Buffer.from(bytes).toString("base64");
        const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----`;
        for (const read of [clientCert(`:${base64}:`), xfcc(`Cert="${encodeURIComponent(pem)}"`)])
          expect(read).toMatchObject({ ok: true, der: Buffer.from(bytes) });
      }),
    );
  });
});

it("nothing at all is a missing certificate", () => {
  expect(reasonOf(readForwardedCertificate({ clientCert: [], xfcc: [] }))).toBe("certificate_missing");
  expect(reasonOf(clientCert(""))).toBe("certificate_missing");
});
