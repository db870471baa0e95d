import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { Step } from '#domain/plan/steps.ts';
import { FEATURES } from '../../../client/cli/main.ts';
import { buildProgram } from '../../../client/cli/program.ts';
import { approve, bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { openCliWorld, type CliWorld } from './cli-world.ts';
import { spawnSluice } from './spawn-sluice.ts';

let printed = '';
const terminal = {
  stdout: { write: (text: string) => (printed += text) },
  stderr: { write: () => undefined },
  env: {},
};
const noContext = (): never => {
  throw new Error('only the shape of the program is looked at');
};
const program = buildProgram(FEATURES, noContext, terminal);

const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
const everyCommand = leaves(program);

/** What a command is called with, and what comes of it: keys of its document, or the code of its error. */
interface Walked {
  readonly args: string;
  readonly keys?: readonly string[];
  readonly code?: string;
  readonly exitCode?: number;
}
const shows = (args: string, ...keys: readonly string[]): Walked => ({ args, keys });
const refused = (args: string, code: string): Walked => ({ args, code });

const RUN = ['execution_id', 'plan_id', 'status', 'progress', 'started_at', 'completed_at', 'counts', 'waves'];
const ANSWER = ['execution_id', 'command_id', 'status'];

/** In the order in which they run: some leave behind what later ones need. Names in braces are filled in. */
const WALK: Readonly<Record<string, Walked>> = {
  // What they do when all is well is told where whole stacks are started.
  up: refused('--http-port {port}', 'PORT_IN_USE'),
  'device simulate': refused('--group nobody', 'GROUP_UNKNOWN'),
  status: { args: '', keys: ['well', 'parts'], exitCode: 6 },
  down: shows('', 'stopped_pid', 'leftovers_ended'),
  doctor: shows('', 'well', 'findings'),
  setup: shows('--dry-run', 'system_packages', 'tools_directory', 'tools'),
  'db migrate': shows('', 'applied', 'at'),
  'device add': shows('walk-1 --hardware edge-a --firmware 1.0.0', 'thing', 'added', 'credentials'),
  'device import': shows('{folder}/devices.csv', 'added', 'updated', 'unchanged', 'refused'),
  'device list': shows('', 'devices', 'complete'),
  'device show': shows('walk-1', 'thing', 'hardware', 'firmware', 'tags', 'last_seen', 'executions'),
  'device credentials': shows('walk-1', 'thing', 'username', 'password'),
  'group create': shows('walkers --filter device.hardware=="edge-a"', 'name', 'filter', 'created'),
  'group list': shows('', 'groups'),
  'group show': shows('walkers', 'name', 'filter', 'count', 'devices'),
  'artifact add': shows(
    '{folder}/firmware.bin --name edge --version 1.1.0 --hardware edge-a',
    ...['name', 'version', 'hardware', 'sha256', 'signature', 'provenance', 'added'],
  ),
  'artifact list': shows('', 'artifacts'),
  'artifact show': shows('--name edge --version 1.1.0', 'name', 'version', 'sha256', 'provenance'),
  'artifact verify': shows('', 'artifacts'),
  'env apply': shows('-f {folder}/configuration.json', 'environments', 'sections'),
  'env list': shows('', 'environments'),
  'env show': shows('walk', 'name', 'device_groups', 'approval_required', 'freeze', 'pins'),
  'env queue': shows('walk', 'environment', 'maximum', 'freeze', 'pins', 'holders', 'resting', 'waiting'),
  'env freeze': shows('walk --reason walk --for 1h', 'environment', 'frozen', 'frozen_by', 'reason', 'since', 'until'),
  'env unfreeze': shows('walk --reason walk', 'environment', 'frozen'),
  'env pin': refused('walk', 'NOTHING_TO_PIN'),
  'env unpin': refused('walk --reason walk', 'PIN_UNKNOWN'),
  'env history': shows('walk', 'environment', 'entries', 'complete'),
  'env rollback': shows('walk --reason walk --dry-run', 'environment', 'to', 'runs', 'applications', 'left'),
  'env rollback-report': refused('walk', 'EMERGENCY_UNKNOWN'),
  // What they do where containers run is told where a worker for them is.
  'env observe': shows('', 'environments'),
  'env validate': refused('walk', 'PLAN_TARGET_MISMATCH'),
  'app apply': shows('-f {folder}/applications.json', 'applications', 'secrets'),
  'app list': shows('', 'applications'),
  'app show': shows('shop', 'name', 'address', 'current', 'previous', 'instances', 'releases', 'spec'),
  'app instances': refused('shop', 'APPLICATION_NOT_DEPLOYED'),
  'app logs': refused('shop', 'APPLICATION_NOT_DEPLOYED'),
  'plan create': shows('--config {folder}/plan.json', 'plan_id', 'digest'),
  'plan list': shows('', 'plans'),
  'plan show': shows('--plan-id {plan}', 'plan_id', 'digest', 'approval', 'plan'),
  'plan approve': shows('--plan-id {plan}', 'plan_id'),
  promote: refused('--from walk --to walk', 'PROMOTION_SAME_ENVIRONMENT'),
  'deploy execute': shows('--plan-id {plan}', 'execution_id', 'status'),
  'deploy status': shows('--execution-id {closed}', ...RUN),
  'deploy list': shows('', 'deployments'),
  // What they do with releases that there are is told where containers run.
  'release create': refused('-f {folder}/release.json', 'PLAN_TARGET_MISMATCH'),
  'release show': refused('v1', 'JOINT_RELEASE_UNKNOWN'),
  'release list': shows('--environment walk', 'releases', 'metrics'),
  'release notes': refused('v1', 'JOINT_RELEASE_UNKNOWN'),
  'release approve': refused('v1', 'JOINT_RELEASE_UNKNOWN'),
  'release execute': refused('v1', 'JOINT_RELEASE_UNKNOWN'),
  'release pause': refused('v1', 'JOINT_RELEASE_UNKNOWN'),
  'release resume': refused('v1', 'JOINT_RELEASE_UNKNOWN'),
  'release cancel': refused('v1 --reason walk', 'JOINT_RELEASE_UNKNOWN'),
  'release rollback': refused('v1 --reason walk', 'JOINT_RELEASE_UNKNOWN'),
  'run list': shows('', 'runs'),
  'run show': shows('{waiting}', ...RUN),
  'run watch': shows('{closed}', ...RUN),
  'run diff': shows('{closed} {waiting}', 'a', 'b', 'same_run', 'plan', 'configuration', 'durations', 'results'),
  'run events': shows('{closed}', 'execution_id', 'events'),
  'run devices': shows('{closed} --state failed,left', 'execution_id', 'devices'),
  'run evidence': shows('{closed}', 'execution_id', 'evidence'),
  'run report': shows('{waiting} --summary slow', 'execution_id', 'report_id', 'reports'),
  'run override': refused('{waiting} --gate none --reason walk', 'GATE_UNKNOWN'),
  'deploy start-now': refused('{waiting} --reason walk', 'RUN_NOT_WAITING'),
  'deploy pause': shows('--execution-id {waiting}', ...ANSWER),
  'deploy resume': shows('--execution-id {waiting}', ...ANSWER),
  approve: shows('{waiting}', ...ANSWER),
  reject: shows('{unwanted}', ...ANSWER),
  'deploy rollback': shows('--execution-id {baking}', ...ANSWER),
  'deploy cancel': shows('--execution-id {needless}', ...ANSWER),
  completion: shows('bash', 'shell', 'script'),
};

describe('the program', () => {
  it('has no command that this walk leaves out, and no other', () => {
    expect(everyCommand.map(pathOf).sort()).toEqual(Object.keys(WALK).sort());
  });

  it('lists every command with --help', () => {
    printed = '';
    program.outputHelp();
    const text = printed.replaceAll(/\s+/g, ' ');
    for (const command of everyCommand) {
      const group = command.parent?.parent ? command.parent : command;
      expect(text).toContain(` ${group.name()} `);
      if (group !== command)
        expect(text).toMatch(new RegExp(` ${group.name()} [^:]*(: [^:]*)?: [^:]*\\b${command.name()}\\b`));
    }
  });

  it('has no option of a command that a global one would swallow', () => {
    const global = program.options.flatMap(({ long, short }) => [long, short]);
    for (const command of everyCommand) {
      for (const { long, short } of command.options) {
        expect(
          global.filter((flag) => flag && [long, short].includes(flag)),
          pathOf(command),
        ).toEqual([]);
      }
    }
  });

  it('describes every command and every option', () => {
    for (const command of everyCommand) {
      expect(command.description(), pathOf(command)).not.toBe('');
      for (const option of command.options)
        expect(option.description, `${pathOf(command)} ${option.flags}`).not.toBe('');
    }
  });
});

const EDGE = ['--hardware', 'edge-a'];

function writeFiles(folder: string): void {
  const write = (name: string, content: string | object): void =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  write('devices.csv', 'thing,hardware,firmware,tags\nwalk-2,edge-a,1.0.0,site=a\n');
  write('before.bin', 'bytes of 1.0.0');
  write('firmware.bin', 'bytes of 1.1.0');
  write('applications.json', { applications: { shop: { image: 'registry.test/shop', port: 8080 } } });
  write('configuration.json', { environments: { walk: { stage: 'staging', device_groups: ['walkers'] } } });
  write('release.json', { name: 'v1', environment: 'walk', applications: [{ name: 'shop', version: '1' }] });
  write('plan.json', { name: 'walk', firmware_version: '1.1.0', target_environment: 'walk', strategy: 'immediate' });
}

describe('with --output json', () => {
  let world: CliWorld;
  let occupied: Server;
  const filled: Record<string, string> = {};

  beforeAll(async () => {
    world = await openCliWorld();
    occupied = createServer().listen(0, '127.0.0.1');
    await once(occupied, 'listening');
    const { port } = occupied.address() as { port: number };
    const folder = world.deps.settings.dataDirectory;
    writeFiles(folder);
    await world.json(
      'artifact',
      'add',
      join(folder, 'before.bin'),
      ...'--name edge --version 1.0.0'.split(' '),
      ...EDGE,
    );
    const start = async (steps: readonly Step[], ...flags: string[]): Promise<string> => {
      const plan = await world.plan({ steps });
      return (await world.json('deploy', 'execute', '--plan-id', plan, ...flags))['execution_id'] as string;
    };
    const asking = [approve(), offer(1)];
    const long = [offer(1), bake(1, HOUR_MS), offer(2)];
    Object.assign(filled, {
      folder,
      port: String(port),
      plan: await world.plan({ steps: asking }),
      waiting: await start(asking),
      unwanted: await start(asking),
      baking: await start(long),
      needless: await start(long),
      closed: await start([offer(1)], '--watch'),
    });
    for (const run of ['waiting', 'unwanted']) await untilStatus(filled[run] ?? '', 'awaiting-approval');
  });
  afterAll(async () => {
    occupied.close();
    await world.close();
  });

  const untilStatus = (run: string, status: string) =>
    eventually(async () =>
      expect(await world.json('deploy', 'status', '--execution-id', run)).toMatchObject({ status }),
    );

  const fill = (text: string): string[] =>
    text
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => word.replaceAll(/\{(\w+)\}/g, (_, name: string) => filled[name] ?? ''));

  it.each(Object.entries(WALK))(
    'sluice %s prints exactly one document',
    async (path, { args, keys, code, exitCode }) => {
      const said = await spawnSluice([...path.split(' '), ...fill(args), '--output', 'json'], world.env);
      const document = JSON.parse(said.stdout) as Record<string, unknown> & { error?: Record<string, unknown> };
      if (code === undefined) {
        expect(document.error, said.stdout).toBeUndefined();
        expect(Object.keys(document)).toEqual(expect.arrayContaining([...(keys ?? [])]));
        expect(said.exitCode).toBe(exitCode ?? 0);
      } else {
        expect(Object.keys(document.error ?? {})).toEqual(
          expect.arrayContaining(['code', 'message', 'where', 'found', 'hint']),
        );
        expect(document.error).toMatchObject({ code });
        expect(said.exitCode).toBeGreaterThan(1);
      }
      expect(said.stderr).toBe('');
    },
  );

  it.each(everyCommand.map(pathOf))('sluice %s refuses an unknown option in the same form', async (path) => {
    const said = await world.sluice(...path.split(' '), '--no-such-option', '--output', 'json');
    expect(said).toMatchObject({ exitCode: 2, stderr: '' });
    expect(JSON.parse(said.stdout)).toMatchObject({ error: { code: 'USAGE', where: `sluice ${path}` } });
  });

  it('run events --follow prints one event a line and ends with the run', async () => {
    const said = await spawnSluice(
      ['run', 'events', filled['closed'] ?? '', '--follow', '--output', 'json'],
      world.env,
    );
    const events = said.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; type: string });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.type).toBe('run-ended');
  });
});
