import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { routeUrl, type Service, serviceHeaders, tlsOptions } from "./service.ts";

/** How long the service may take to answer. */
const ANSWER_MS = 5_000;

/** Characters of an answer, at most; the lists of a busy service are long. */
const ANSWER_LENGTH_MAX = 16_777_216;

/** What a GET brought. */
export interface ServiceAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/**
 * Gets a route of the service.
 *
 * @throws Error (as a rejection) if there is no answer, or one that is too long.
 */
export function getFromService(service: Service, route: `/${string}`): Promise<ServiceAnswer> {
  const url = routeUrl(service, route);
  const options = {
    ...tlsOptions(service),
    headers: serviceHeaders(service),
    signal: AbortSignal.timeout(ANSWER_MS),
  };
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").once("error", reject);
      answer.on("data", (piece: string) => {
        text += piece;
        if (text.length > ANSWER_LENGTH_MAX) answer.destroy(new Error("the answer is too long"));
      });
      answer.on("end", () => {
        const contentType = answer.headers["content-type"] ?? "";
        resolve({ status: answer.statusCode ?? 0, contentType, text });
      });
    });
    sent.once("error", reject).end();
  });
}
