import { afterEach, expect, it, vi } from "vitest";
import { Gateway, problemIn } from "./gateway-harness.ts";

afterEach(() => vi.restoreAllMocks());

it("[RE38] a client that goes while it sends is no defect, and is not logged", async () => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from("half"));
      controller.error(new Error("Network connection lost."));
    },
  });
  const response = await new Gateway().send("PUT /znodes/a", {}, body);

  expect(await problemIn(response)).toMatchObject({ status: 400 });
  expect(log).not.toHaveBeenCalled();
});
