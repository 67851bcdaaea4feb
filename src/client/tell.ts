/**
 * Tells a listener of the user's. What it throws is reported as an uncaught error, as that of any event
 * listener is: it stops neither other listeners nor the connection.
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
