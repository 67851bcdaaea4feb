import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A key and the certificate that it signed for itself, in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for 127.0.0.1 that no machine trusts. Source: RFC 5280 §4.1. */
export function selfSigned(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
  const body = certificateBody(publicKey, ecdsaWithSha256);
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, ecdsaWithSha256, bitString(signature));
  const base64 = der.toString("base64").replace(/(.{64})/g, "$1\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

function certificateBody(publicKey: KeyObject, algorithm: Buffer): Buffer {
  const keyInfo = publicKey.export({ type: "spki", format: "der" });
  const serial = createHash("sha256").update(keyInfo).digest().subarray(0, 8);
  const name = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from("edgekeeper")))));
  const validity = sequence(utcTime("200101000000Z"), utcTime("491231235959Z"));
  const address = der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])));
  const alternativeName = sequence(oid("551d11"), der(0x04, address));
  const authority = sequence(oid("551d13"), der(0x04, sequence(der(0x01, Buffer.from([0xff])))));
  return sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), serial])),
    algorithm,
    name,
    validity,
    name,
    keyInfo,
    der(0xa3, sequence(alternativeName, authority)),
  );
}

function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content]);
}

/** As short as it can be: some readers refuse a longer form. Source: X.690 §10.1. */
function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function utcTime(text: string): Buffer {
  return der(0x17, Buffer.from(text));
}
