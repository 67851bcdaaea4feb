import { createHash } from "node:crypto";

interface Grant {
  readonly name: string;
  readonly token: string;
  readonly role: string;
  readonly namespaces?: readonly string[];
  readonly ids?: readonly { readonly scheme: string; readonly id: string }[];
}

/** The secret `TOKENS` for tokens in the clear. */
export function tokensOf(...grants: readonly Grant[]): string {
  return JSON.stringify(
    grants.map(({ token, ...grant }) => ({
      namespaces: ["*"],
      ...grant,
      sha256: createHash("sha256").update(token).digest("hex"),
    })),
  );
}
