/**
 * Tells a listener of the user's. What it throws is reported as an uncaught error, as that of any event
 * listener is: it stops neither other listeners nor the connection.
 *
 * @example
 * ```ts
 * import { tell } from "edgekeeper/client";
 *
 * const listeners = new Set([(color: string) => console.log(color)]);
 * for (const listener of listeners) tell(listener, "blue");
 * ```
 *
 * Source: WHATWG DOM, "inner invoke".
 */
export function tell<T>(listener: (told: T) => void, told: T): void {
  try {
    listener(told);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
