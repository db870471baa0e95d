import { counted } from '../counted.ts';
import { entry } from './entry.ts';

/** Errors of plans, environments and configuration files. */
export const planErrors = {
  PLAN_NOT_FOUND: entry<{ plan: string }>('NOT_FOUND', (d) => `no such plan: ${d.plan}`, 'sluice plan list'),
  PLAN_DIGEST_MISMATCH: entry<{ plan: string; expected: string; got: string }>(
    'CONFLICT',
    (d) => `plan ${d.plan} has digest ${d.expected}, not ${d.got}`,
    (d) => `sluice plan show --plan-id ${d.plan}`,
  ),
  NOTHING_TO_CHOOSE: entry<{ what: string }>(
    'NOT_FOUND',
    (d) => `there is no ${d.what} yet to make a plan with`,
    'sluice env apply -f FILE · sluice artifact add FILE --name NAME --version VERSION · sluice app apply -f FILE',
  ),
  PLAN_FIRMWARE_UNKNOWN: entry<{ firmware: string; version: string }>(
    'NOT_FOUND',
    (d) => `firmware ${d.firmware === '' ? '' : `${d.firmware} `}${d.version} does not exist`,
    (d) => `sluice artifact add FILE --name ${d.firmware || 'NAME'} --version ${d.version} --hardware HARDWARE`,
  ),
  PLAN_FIRMWARE_AMBIGUOUS: entry<{ version: string; names: string }>(
    'INVALID',
    (d) => `version ${d.version} exists for several firmwares: ${d.names}`,
    'name one with "firmware"',
  ),
  PLAN_LATEST_UNCLEAR: entry<{ firmware: string; versions: string }>(
    'INVALID',
    (d) => `the latest ${d.firmware} cannot be told: nothing orders its versions ${d.versions}`,
    'name the version: firmware_version',
  ),
  PLAN_TOO_LARGE: entry<{ bytes: number; most: number }>(
    'INVALID',
    (d) => `the plan takes ${d.bytes} bytes in its run’s history, at most ${d.most} fit`,
    'use fewer waves, shorter commands and filters; names of devices do not count',
  ),
  PLAN_STRATEGY_NOT_FOR_FLEETS: entry<{ strategy: string }>(
    'INVALID',
    (d) => `strategy ${d.strategy} is for containers, not for device fleets`,
    'set strategy to canary, rolling, immediate or blue_green',
  ),
  PLAN_NEEDS_NO_APPROVAL: entry<{ plan: string; environment: string }>(
    'CONFLICT',
    (d) => `plan ${d.plan} waits for no approval: environment ${d.environment} asks for none`,
    (d) => `sluice deploy execute --plan-id ${d.plan}`,
  ),
  PLAN_RUN_OPEN: entry<{ plan: string; run: string }>(
    'CONFLICT',
    (d) => `run ${d.run} of plan ${d.plan} is open: it takes approvals itself now`,
    (d) => `sluice approve ${d.run}`,
  ),
  PLAN_NO_TARGETS: entry<{ environment: string; groups: string }>(
    'INVALID',
    (d) => `environment ${d.environment} has no device to deploy to (groups: ${d.groups})`,
    'sluice device list · sluice group show NAME',
  ),
  PLAN_CHANGED: entry<{ plan: string; what: string }>(
    'CONFLICT',
    (d) => `plan ${d.plan} no longer holds: ${d.what}`,
    'make a new plan: sluice plan create --config FILE',
  ),
  PLAN_STALE: entry<{ plan: string; environment: string; changes: string }>(
    'CONFLICT',
    (d) => `plan ${d.plan} asks for less than ${d.environment} does by now: ${d.changes}`,
    'make it again under the present rules: sluice plan create --config FILE',
  ),
  NO_WAY_BACK: entry<{ devices: number; versions: string }>(
    'INVALID',
    (d) =>
      `${counted(d.devices, 'device')} could not be taken back: no artifact for their present firmware (${d.versions})`,
    'add it (sluice artifact add), or accept it with --allow-no-way-back --reason "…"',
  ),
  ENVIRONMENT_UNKNOWN: entry<{ environment: string }>(
    'NOT_FOUND',
    (d) => `environment ${d.environment} does not exist`,
    'sluice env list · sluice env apply -f FILE',
  ),
  GROUP_UNKNOWN: entry<{ group: string }>(
    'NOT_FOUND',
    (d) => `group ${d.group} does not exist`,
    (d) => `sluice group create ${d.group} --filter 'device.hardware == "edge-a"'`,
  ),
  GROUP_EXISTS: entry<{ group: string }>(
    'CONFLICT',
    (d) => `group ${d.group} exists with another filter`,
    'choose another name: plans refer to a group by its name',
  ),
  FILTER_INVALID: entry<{ filter: string; why: string }>(
    'INVALID',
    (d) => `filter ${d.filter}: ${d.why}`,
    'a CEL expression over device.thing, device.hardware, device.firmware and device.tags.NAME',
  ),
  CONFIG_INVALID: entry<{ problems: string }>(
    'INVALID',
    (d) => d.problems,
    'correct the named places; nothing was changed',
  ),
  CONFIG_UNREADABLE: entry<{ file: string; why: string }>(
    'INVALID',
    (d) => `cannot read ${d.file}: ${d.why}`,
    'give a JSON or YAML file',
  ),
};
