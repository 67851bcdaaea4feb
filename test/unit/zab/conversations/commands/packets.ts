import { isOn, type Route } from "../network.ts";
import type { Stage } from "../stage.ts";
import { packetWords } from "../words.ts";
import { type Commands, sidOf } from "./command.ts";

/** `2>1 ACK` as a route. */
function routeOf([way = "", type]: readonly string[]): Route {
  const [from, to] = way.split(">");
  return { from: sidOf(from), to: sidOf(to), type };
}

/** `1 2 | 3 4`: neither side hears the other; `1 2 > 3 4`: the left side is not heard. */
function cut(stage: Stage, args: readonly string[]): void {
  const at = args.findIndex((word) => word === "|" || word === ">");
  const left = args.slice(0, at).map(sidOf);
  const right = args.slice(at + 1).map(sidOf);
  for (const from of left) {
    for (const to of right) {
      stage.network.cut(from, to);
      if (args[at] === "|") stage.network.cut(to, from);
    }
  }
}

function found<T>(value: T | undefined, args: readonly string[]): T {
  if (value === undefined) throw new Error(`nothing is on its way as ${args.join(" ")}`);
  return value;
}

/** The network, packet by packet. */
export const packetCommands: Commands = {
  /** `deliver 2>1 [ACK]`: the one that was sent first. */
  deliver: (stage, args) => {
    const packet = found(stage.network.matching(routeOf(args))[0], args);
    stage.network.take(packet);
    stage.deliver(packet);
  },
  /** `overtake 2>1 [ACK]`: the one that was sent last arrives first. */
  overtake: (stage, args) => {
    const packet = found(stage.network.matching(routeOf(args)).at(-1), args);
    stage.network.take(packet);
    stage.deliver(packet);
  },
  /** `drop 2>1 [ACK]`: all of them are lost. */
  drop: (stage, args) => {
    for (const packet of stage.network.matching(routeOf(args))) {
      stage.network.take(packet);
      stage.write(`${packetWords(packet)} - lost`);
    }
  },
  "drop-all": (stage) => {
    stage.network.packets = [];
  },
  /** `replay 2>1 ACK`: the last one of its kind that was ever sent arrives once more. */
  replay: (stage, args) => {
    const route = routeOf(args);
    stage.deliver(
      found(
        stage.network.history.findLast((packet) => isOn(packet, route)),
        args,
      ),
    );
  },
  /** `replay-first 2>1 ACK`: the first one of its kind that was ever sent. */
  "replay-first": (stage, args) => {
    const route = routeOf(args);
    stage.deliver(
      found(
        stage.network.history.find((packet) => isOn(packet, route)),
        args,
      ),
    );
  },
  cut,
  heal: (stage) => {
    stage.network.heal();
  },
  /** Delivers all, in the order sent, until nothing is on its way. `quiet`: only roles are told. */
  stabilize: (stage, [quiet]) => {
    if (quiet === "quiet") stage.hush();
    stage.stabilize();
  },
  /** What is on its way. */
  network: (stage) => {
    for (const packet of stage.network.packets) stage.write(packetWords(packet));
  },
};
