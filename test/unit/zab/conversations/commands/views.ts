import { configurationWords, rowWords, zxidWord } from "../words.ts";
import { type Commands, sidsOf } from "./command.ts";

/** What there is to see. */
export const viewCommands: Commands = {
  status: (stage, args) => {
    for (const sid of sidsOf(stage, args)) {
      const { peer, isAsleep } = stage.actor(sid);
      if (peer === undefined) {
        stage.write(`${sid} ${isAsleep ? "sleeps" : "is down"}`);
        continue;
      }
      const { state, zabState, leader, ...rest } = peer.status();
      const role = state === "FOLLOWING" || state === "OBSERVING" ? `${state} ${leader}` : state;
      const epochs = `accepted ${rest.acceptedEpoch}, current ${rest.currentEpoch}`;
      const end = `last ${zxidWord(rest.lastZxid)}, committed ${zxidWord(rest.committedZxid)}`;
      stage.write(`${sid} ${role}, ${zabState}: ${epochs}, ${end}`);
    }
  },
  /** What stands in the logs; what is in the tables stands in brackets. */
  log: (stage, args) => {
    for (const sid of sidsOf(stage, args)) {
      const { disk } = stage.actor(sid);
      const tables = disk.tables.length === 0 ? "" : `[${disk.tables.map(rowWords).join(", ")}] `;
      stage.write(`${sid}: ${tables}${disk.rows.map(rowWords).join(", ")}`.trimEnd());
    }
  },
  /** What the leader knows of its learners. */
  learners: (stage, [sid = ""]) => {
    for (const learner of stage.actor(Number(sid)).machine.status().learners) {
      const { type, lastZxid, lag, isSynced, isReachable } = learner;
      const words = [
        type,
        `acknowledged ${zxidWord(lastZxid)}`,
        `lags ${lag}`,
        isSynced ? "synced" : "not synced",
        isReachable ? "reachable" : "out of reach",
      ];
      stage.write(`${learner.sid}: ${words.join(", ")}`);
    }
  },
  configuration: (stage, args) => {
    for (const sid of sidsOf(stage, args)) {
      const { peer } = stage.actor(sid);
      if (peer === undefined) continue;
      const { configuration, proposedConfiguration: proposed } = peer.status();
      const next = proposed === undefined ? "" : `, proposed ${configurationWords(proposed)}`;
      stage.write(`${sid}: ${configurationWords(configuration)}${next}`);
    }
  },
};
