import { counted } from '../counted.ts';
import { entry } from './entry.ts';

/** Errors of scaling and of the command line `milk`. */
export const milkErrors = {
  DEPLOYMENT_DISABLED: entry<{ file: string }>(
    'INVALID',
    (d) => `${d.file} says that nothing is deployed from it: deployment.enabled is false`,
    'set deployment.enabled to true; rollback, status, logs and health-check work as it is',
  ),
  SCALING_LIMIT: entry<{
    application: string;
    environment: string;
    present: number;
    wanted: number;
    min: number;
    max: number;
  }>(
    'CONFLICT',
    (d) =>
      `${d.present} ${d.wanted < d.present ? 'less' : 'and'} ${Math.abs(d.wanted - d.present)} would make ${counted(d.wanted, 'instance')} of ${d.application} in ${d.environment}, which may have ${d.min} to ${d.max}`,
    (d) => {
      const isDown = d.wanted < d.present;
      const room = isDown ? d.present - d.min : d.max - d.present;
      const key = `deployment.scaling.${isDown ? 'min' : 'max'}_instances`;
      return room > 0 ? `ask for at most ${room}: --count ${room} · or change ${key}` : `change ${key}`;
    },
  ),
  SCALING_COOLDOWN: entry<{
    application: string;
    environment: string;
    direction: 'up' | 'down';
    last: string;
    cooldownSeconds: number;
    possibleAt: string;
  }>(
    'THROTTLED',
    (d) =>
      `${d.application} in ${d.environment} was scaled at ${d.last}; it may be scaled ${d.direction} ${d.cooldownSeconds} s later, from ${d.possibleAt} on`,
    (d) => `wait until then, or lower deployment.scaling.scale_${d.direction}_cooldown`,
  ),
  INSTANCES_NOT_UP: entry<{ application: string; environment: string; up: number; wanted: number }>(
    'CONFLICT',
    (d) => `${d.up} of ${counted(d.wanted, 'instance')} of ${d.application} in ${d.environment} are up`,
    (d) => `sluice app logs ${d.application} --environment ${d.environment} · sluice run list`,
  ),
  INSTANCES_UNSEEN: entry<{ application: string; environment: string; why: string }>(
    'TRANSIENT',
    (d) => `what runs of ${d.application} in ${d.environment} could not be seen: ${d.why}`,
    'sluice doctor',
  ),
};
