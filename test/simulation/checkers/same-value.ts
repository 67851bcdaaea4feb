/** Tells whether two plain values are equal: records, lists, bytes, and what they hold. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object") return false;
  if (one === null || other === null) return false;
  if (Array.isArray(one) || one instanceof Uint8Array) return isSameList(one, other);
  const [fields, others] = [Object.entries(one), Object.entries(other)];
  if (fields.length !== others.length) return false;
  const record = other as Readonly<Record<string, unknown>>;
  return fields.every(([name, value]) => name in record && isSameValue(value, record[name]));
}

function isSameList(one: readonly unknown[] | Uint8Array, other: object): boolean {
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (!Array.isArray(other) && !(other instanceof Uint8Array)) return false;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) {
    if (!isSameValue(one[at], other[at])) return false;
  }
  return true;
}
