import { type Commands, sidsOf } from "./command.ts";

/** The clock. */
export const timeCommands: Commands = {
  /** `tick 200`: so many ms pass, and no packet arrives. */
  tick: (stage, [ms]) => {
    stage.pass(Number(ms), () => {});
  },
  /** `run 200 [quiet]`: so many ms pass, and every packet arrives at once. */
  run: (stage, [ms, quiet]) => {
    if (quiet === "quiet") stage.hush();
    stage.pass(Number(ms), () => {
      stage.stabilize();
    });
  },
  /** When each member that is awake wants a tick. */
  idle: (stage, args) => {
    for (const sid of sidsOf(stage, args)) {
      const { peer } = stage.actor(sid);
      if (peer === undefined) continue;
      const nextMs = peer.nextTickMs();
      const words = nextMs === undefined ? "no tick" : `a tick in ${nextMs - stage.nowMs} ms`;
      stage.write(`${sid} wants ${words}`);
    }
  },
};
