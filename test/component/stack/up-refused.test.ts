import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeEngine } from '../../support/fakes/fake-engine-info.ts';
import { StackUnderTest } from './stack-under-test.ts';

let stack: StackUnderTest;
beforeEach(async () => void (stack = await StackUnderTest.create()));
afterEach(() => stack.end());

/** Nothing was started, and nothing pretends that it was. */
function expectNothingStarted(): void {
  expect(stack.runningParts()).toEqual([]);
  for (const file of ['up.pid', 'stack.json', 'logs/postgres.log'])
    expect(existsSync(join(stack.dataDirectory, file))).toBe(false);
}

describe('sluice up refuses to start', () => {
  it.each([
    ['SLUICE_HTTP_PORT', '--http-port'],
    ['SLUICE_MQTT_PORT', '--mqtt-port'],
  ])('when the port of %s is taken, naming flag and variable', async (variable, flag) => {
    const other = await listenOn(stack.port(variable));
    try {
      const { code, stdout } = await stack.up().ended;
      expect(code).toBe(5);
      const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
      expect(error.code).toBe('PORT_IN_USE');
      expect(error.message).toContain(String(stack.port(variable)));
      expect(error.hint).toContain(flag);
      expect(error.hint).toContain(variable);
      expectNothingStarted();
    } finally {
      other.close();
    }
  });

  it('when the address to listen on is not of this machine', async () => {
    const { code, stdout } = await stack.up({ SLUICE_LISTEN_HOST: '192.0.2.7' }).ended;
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'USAGE', message: '192.0.2.7 is no address of this machine', where: '--listen-host' },
    });
    expectNothingStarted();
  });

  it('naming every port that is taken at once', async () => {
    const taken = ['SLUICE_HTTP_PORT', 'SLUICE_MQTT_PORT', 'SLUICE_POSTGRES_PORT'];
    const others = await Promise.all(taken.map((variable) => listenOn(stack.port(variable))));
    try {
      const { stderr } = await stack.up({}, []).ended;
      for (const variable of taken) {
        expect(stderr).toContain(`${stack.port(variable)} for `);
        expect(stderr).toContain(variable);
      }
      expectNothingStarted();
    } finally {
      for (const other of others) other.close();
    }
  });

  it('when two parts are given the same port', async () => {
    const { code, stderr } = await stack.up({ SLUICE_MQTT_PORT: stack.env['SLUICE_HTTP_PORT'] }, []).ended;
    expect(code).toBe(5);
    expect(stderr).toContain('PORT_IN_USE');
    expectNothingStarted();
  });

  it.each([
    ['below /proc', () => '/proc/sluice'],
    ['a file', () => join(import.meta.dirname, 'up-refused.test.ts')],
  ])('when its data directory is %s, at once', async (_what, directory) => {
    const { code, stdout } = await stack.up({ SLUICE_DATA_DIR: directory() }).ended;
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'DATA_DIR_UNUSABLE' } });
  });

  it('when a program is missing, with the ways out', async () => {
    const { code, stderr } = await stack.up({ TEMPORAL_CLI_PATH: '/nowhere/temporal' }, []).ended;
    expect(code).toBe(6);
    expect(stderr).toContain('COMPONENT_MISSING');
    for (const way of ['npx sluice setup', 'TEMPORAL_CLI_PATH', 'TEMPORAL_ADDRESS']) expect(stderr).toContain(way);
    expectNothingStarted();
  });
});

describe('sluice up whose worker cannot start', () => {
  it('gives up after a few tries, names the log, and leaves nothing running', async () => {
    const { code, stderr } = await stack.supervise(join(import.meta.dirname, 'broken-stack.main.ts'));
    expect(code).toBe(6);
    expect(stderr).toContain('STACK_PART_FAILED  worker did not start: it ended 5 times before (exit code 3)');
    expect(readFileSync(join(stack.dataDirectory, 'logs', 'worker.log'), 'utf8')).toContain('no workers today');
    expect(stack.runningParts()).toEqual([]);
    expect(existsSync(join(stack.dataDirectory, 'up.pid'))).toBe(false);
  });
});

describe('the other commands without a stack', () => {
  it('status tells of each part that it is down, and ends with a code of its own', async () => {
    const { code, stdout } = await stack.sluice(['status', '--output', 'json']);
    expect(code).toBe(6);
    const { well, parts } = JSON.parse(stdout) as { well: boolean; parts: { state: string }[] };
    expect(well).toBe(false);
    expect(new Set(parts.map(({ state }) => state))).toEqual(new Set(['down']));
    expect((await stack.sluice(['status'])).stdout).toContain('npx sluice up');
  });

  it('status and doctor claim nothing that another installation runs', async () => {
    const other = await listenOn(stack.port('SLUICE_HTTP_PORT'), (socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
    const status = await stack.sluice(['status', '--output', 'json']);
    const doctor = await stack.sluice(['doctor']);
    other.close();
    const { parts } = JSON.parse(status.stdout) as { parts: { name: string; state: string; detail: string }[] };
    const http = parts.find(({ name }) => name === 'http');
    expect(http).toMatchObject({ state: 'down' });
    expect(http?.detail).toContain('no sluice up of this data directory started it');
    expect(doctor.stdout).toMatch(/✗ +port \d+ +in use by another program/);
  });

  it('doctor calls that no illness, but tells how to start', async () => {
    const engine = await fakeEngine(join(stack.dataDirectory, '..', 'engine.sock'));
    const { code, stdout } = await stack.sluice(['doctor'], { DOCKER_HOST: engine.host });
    engine.close();
    expect(stdout).toContain('npx sluice up');
    expect(stdout).toContain('everything that this version can do works here');
    expect(code).toBe(0);
  });

  it('doctor names the flag for a port that another program has', async () => {
    const other = await listenOn(stack.port('SLUICE_MQTT_PORT'));
    const { code, stdout } = await stack.sluice(['doctor']);
    other.close();
    expect(stdout).toContain('sluice up --mqtt-port PORT   (or SLUICE_MQTT_PORT)');
    expect(code).toBe(6);
  });

  it('doctor names what is missing, the command that brings it, and what works without', async () => {
    const { code, stdout } = await stack.sluice(['doctor', '--output', 'json'], {
      TEMPORAL_CLI_PATH: '/nowhere/temporal',
    });
    const { findings, without_it: withoutIt } = JSON.parse(stdout) as {
      findings: { name: string; mend: string }[];
      without_it: string[];
    };
    expect(findings.find(({ name }) => name === 'temporal')).toMatchObject({
      state: 'missing',
      mend: 'npx sluice setup',
    });
    expect(withoutIt.join()).toContain('no Temporal server');
    expect(code).toBe(6);
  });

  it('down has nothing to do, which is no error', async () => {
    const { code, stdout } = await stack.sluice(['down', '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ stopped_pid: null, leftovers_ended: 0 });
    expect(code).toBe(0);
  });
});

function listenOn(port: number, onConnection: (socket: Socket) => void = () => undefined): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer(onConnection);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
