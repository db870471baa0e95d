import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEATURES } from '../../../client/cli/main.ts';
import { buildProgram } from '../../../client/cli/program.ts';
import { approve, offer } from '../../support/runs/plan-builder.ts';
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

/** Options and arguments with which each command has something to do; `{plan}`, `{run}`, `{folder}` and `{port}` are filled in. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  up: '--http-port {port}',
  down: '',
  status: '',
  doctor: '',
  'db migrate': '',
  'device add': 'walk-1 --hardware edge-a --firmware 1.0.0',
  'device import': '{folder}/devices.csv',
  'device list': '',
  'device show': 'walk-1',
  'device credentials': 'walk-1',
  'device simulate': '--group nobody',
  'group create': 'walkers --filter device.hardware=="edge-a"',
  'group list': '',
  'group show': 'walkers',
  'artifact add': '{folder}/firmware.bin --name edge --version 1.0.0 --hardware edge-a',
  'artifact list': '',
  'artifact show': '--name edge --version 1.0.0',
  'artifact verify': '',
  'env list': '',
  'env show': 'nowhere',
  'env apply': '-f {folder}/devices.csv',
  'plan create': '--config {folder}/devices.csv',
  'plan list': '',
  'plan show': '--plan-id {plan}',
  'plan approve': '--plan-id {plan}',
  'deploy execute': '--plan-id {plan}',
  'deploy status': '--execution-id {run}',
  'deploy list': '',
  'run list': '',
  'run show': '{run}',
  'run watch': '{closed}',
  'run events': '{run}',
  'run devices': '{closed} --state failed,left',
  'run evidence': '{closed}',
  'run override': '{run} --gate none --reason walk',
  'deploy pause': '--execution-id {run}',
  'deploy resume': '--execution-id {run}',
  approve: '{run}',
  reject: '{closed}',
  'deploy rollback': '--execution-id {closed}',
  'deploy cancel': '--execution-id {run}',
};

describe('the program', () => {
  it('has no command that this walk leaves out, and no other', () => {
    expect(everyCommand.map(pathOf).sort()).toEqual(Object.keys(ARGUMENTS).sort());
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
    writeFileSync(join(folder, 'devices.csv'), 'thing,hardware,firmware,tags\nwalk-2,edge-a,1.0.0,site=a\n');
    writeFileSync(join(folder, 'firmware.bin'), 'bytes');
    const waiting = await world.plan({ steps: [approve(), offer(1)] });
    const run = await world.json('deploy', 'execute', '--plan-id', waiting);
    const short = await world.json(
      'deploy',
      'execute',
      '--watch',
      '--plan-id',
      await world.plan({ steps: [offer(1)] }),
    );
    Object.assign(filled, {
      folder,
      port: String(port),
      plan: waiting,
      run: run['execution_id'],
      closed: short['execution_id'],
    });
  });
  afterAll(async () => {
    occupied.close();
    await world.close();
  });

  const fill = (text: string): string[] =>
    text
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => word.replaceAll(/\{(\w+)\}/g, (_, name: string) => filled[name] ?? ''));

  it.each(Object.entries(ARGUMENTS))('sluice %s prints exactly one document', async (path, rest) => {
    const said = await spawnSluice([...path.split(' '), ...fill(rest), '--output', 'json'], world.env);
    const document: unknown = JSON.parse(said.stdout);
    expect(document).toBeTypeOf('object');
    const { error } = document as { error?: unknown };
    if (error !== undefined) {
      const [keys, more] = [Object.keys(error as object).slice(0, 5), Object.keys(error as object).slice(5)];
      expect(keys).toEqual(['code', 'message', 'where', 'found', 'hint']);
      expect(['', 'problems']).toContain(more.join());
      expect((error as { code: string }).code).not.toBe('INTERNAL');
      expect(said.exitCode).toBeGreaterThan(1);
    }
    expect(said.stderr).toBe('');
  });

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
