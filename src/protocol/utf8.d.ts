/**
 * The only web API codecs may see. Declared by hand, so that the rest of the web stays invisible here.
 *
 * Source: WHATWG Encoding; the subset that workerd, Node and browsers share.
 */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(
    text: string,
    destination: Uint8Array,
  ): { readonly read: number; readonly written: number };
}

declare class TextDecoder {
  constructor(
    label?: "utf-8",
    options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean },
  );
  decode(bytes?: ArrayBufferView | ArrayBuffer): string;
}
