import { takeTurn, type DueDevice } from '#domain/fleet/turn.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { listArtifacts } from '../adapters/postgres/artifacts.ts';
import { settleTargets, type Settled } from '../adapters/postgres/due-targets.ts';
import type { Connection } from '../adapters/postgres/pool.ts';
import { supersede } from '../adapters/postgres/supersede.ts';

export interface Turns {
  readonly toOffer: readonly Settled[];
  readonly toSkip: readonly Settled[];
}

/** Which of these devices are to be offered the version, in the given order, and which are to be skipped. */
export async function takeTurns(connection: Connection, plan: FleetPlan, due: readonly DueDevice[]): Promise<Turns> {
  const versions = [...new Set(due.map((device) => device.goingBackTo ?? device.firmware))];
  const artifacts = await listArtifacts(connection, { name: plan.firmware.name, versions });
  const settled = due.map((device): Settled => {
    const turn = takeTurn(device, plan, artifacts);
    return turn.kind === 'offer'
      ? { device, previousFirmware: turn.previousFirmware, skipReason: null }
      : { device, previousFirmware: device.firmware, skipReason: turn.reason };
  });
  return {
    toOffer: settled.filter(({ skipReason }) => skipReason === null),
    toSkip: settled.filter(({ skipReason }) => skipReason !== null),
  };
}

export interface EndedTurns {
  readonly offered: readonly string[];
  readonly skipped: readonly string[];
}

/**
 * Writes the turns down and withdraws what other runs have in the queues of devices that this run decided on: those it offers
 * the version, and those that run it already. A device that changed since the look keeps its turn.
 */
export async function endTurns(connection: Connection, run: string, turns: readonly Settled[]): Promise<EndedTurns> {
  const ended = await settleTargets(connection, run, turns);
  const things = (isMeant: (turn: Settled) => boolean): string[] =>
    turns.filter((turn) => isMeant(turn) && ended.has(turn.device.thing)).map(({ device }) => device.thing);
  const offered = things(({ skipReason }) => skipReason === null);
  const current = things(({ skipReason }) => skipReason === 'current');
  await supersede(connection, run, [...offered, ...current]);
  return { offered, skipped: things(({ skipReason }) => skipReason !== null) };
}
