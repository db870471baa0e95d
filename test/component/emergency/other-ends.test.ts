// What else may become of the rollback of an environment, and of those who begin it.
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emergencyWorkflowId } from '#domain/emergency/emergency.ts';
import { insertEmergency, readEmergency } from '../../../activities/adapters/postgres/emergencies.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { rollBackEnvironment } from '../../../client/cli/commands/emergency-actions.ts';
import type { CliContext } from '../../../client/cli/context.ts';
import { keepEmergencies } from '../../../client/engine/emergency/keep-emergencies.ts';
import { loadReport } from '../../../client/engine/emergency/load-report.ts';
import { previewEmergency } from '../../../client/engine/emergency/preview-emergency.ts';
import { rollBackApplication } from '../../../client/engine/releases/roll-back-application.ts';
import { EmergencyBed, LIN } from '../../support/emergency/emergency-bed.ts';
import { eventually } from '../../support/eventually.ts';

const STAGED = 'at its first effect';

let bed: EmergencyBed;
beforeAll(async () => {
  bed = await EmergencyBed.open();
});
afterAll(() => bed.close());
beforeEach(async () => {
  bed.releases.heldVersions.clear();
  bed.releases.broken.clear();
  await bed.newEnvironment();
  await bed.applications({ db: [], web: ['db'] });
});

const underWay = async (application: string): Promise<string> => {
  bed.releases.heldVersions.add('1.2');
  const run = await bed.deploy(application, '1.2');
  await bed.until(run, STAGED, ({ view }) => view?.step?.id === 'stage');
  return run;
};

describe('an application that does not come back', () => {
  it('keeps nobody else from it, and is named with what a person can do', async () => {
    bed.releases.broken.add('web 1.0');
    const { emergency } = await bed.begin();
    const report = await bed.untilEnded(emergency.id);
    expect(await bed.inUse()).toEqual({ db: '1.0', web: '1.1' });
    expect(report.left).toMatchObject([{ what: 'web' }]);
    expect(report.left[0]?.todo).toContain('sluice deploy rollback --application web');
  });
});

describe('a moment to go back to', () => {
  it('leaves alone what has not changed since, and takes back the rest over several releases', async () => {
    const then = new Date().toISOString();
    for (const version of ['1.5', '1.6']) {
      const run = await bed.deploy('web', version);
      await bed.until(run, 'completed', ({ phase }) => phase === 'completed');
    }
    const { emergency } = await bed.begin({ to: then });
    const report = await bed.untilEnded(emergency.id);
    expect(await bed.inUse()).toEqual({ db: '1.1', web: '1.1' });
    expect(report.applications).toMatchObject([
      { application: 'db', state: 'unchanged' },
      { application: 'web', state: 'back', from: { version: '1.6' }, to: { version: '1.1' } },
    ]);
  });

  it.each([
    ['', 'REASON_REQUIRED', undefined],
    ['why', 'USAGE', '2999-01-01'],
    ['why', 'USAGE', 'yesterday'],
  ])('is refused before anything is begun: reason %j, %s for --to %j', async (reason, code, to) => {
    await expect(bed.begin({ reason, ...(to !== undefined && { to }) })).rejects.toMatchObject({ code });
    await expect(loadReport(bed.deps, bed.environment)).rejects.toMatchObject({ code: 'EMERGENCY_UNKNOWN' });
  });
});

describe('what it would do', () => {
  it('is told without doing it', async () => {
    const run = await underWay('web');
    const wish = { environment: bed.environment, reason: 'why', to: undefined, person: LIN };
    expect(await previewEmergency(bed.deps, wish)).toMatchObject({
      openAlready: null,
      runs: [{ run, does: 'roll-back' }],
      ways: [{ application: 'db', to: { version: '1.0' }, after: [] }],
      settled: [{ application: 'web', state: 'back' }],
    });
    expect(await bed.inUse()).toEqual({ db: '1.1', web: '1.1' });
    await bed.until(run, STAGED, ({ closed }) => !closed);
  });
});

describe('the question before it', () => {
  /** Who types these lines at a terminal; the result is the exit code and what was said. */
  async function typing(...lines: readonly string[]) {
    const [input, said] = [new PassThrough(), { notes: '', printed: '', exitCode: 0 }];
    const context = {
      deps: () => bed.deps,
      person: async () => LIN,
      dialogue: () => ({ input, output: new PassThrough() }),
      note: (line: string) => void (said.notes += line),
      print: (_data: unknown, text: string) => void (said.printed += text),
      exitWith: (code: number) => void (said.exitCode = code),
      ...{ colour: false, interactive: false, output: 'text' },
    } as unknown as CliContext;
    for (const line of lines) input.write(`${line}\n`);
    input.end();
    await rollBackEnvironment(context, bed.environment, { reason: 'why' });
    return said;
  }

  it('shows what it would do, and begins nothing when the name is not typed', async () => {
    const { notes, printed, exitCode } = await typing('yes', 'production');
    expect(notes).toContain(`take ${bed.environment} back`);
    expect(notes).toMatch(/web +1\.1 \(release \d+\) +1\.0/);
    expect([printed, exitCode]).toEqual(['', 130]);
    await expect(loadReport(bed.deps, bed.environment)).rejects.toMatchObject({ code: 'EMERGENCY_UNKNOWN' });
  });

  it('begins when the name is typed', async () => {
    const { printed, exitCode } = await typing('no', bed.environment);
    expect(exitCode).toBe(0);
    const { report } = await loadReport(bed.deps, bed.environment);
    expect(printed).toContain(report.id);
    await bed.untilEnded(report.id);
    expect(await bed.inUse()).toEqual({ db: '1.0', web: '1.0' });
  });
});

describe('a way back that a person has begun', () => {
  it('is waited for, and leads where the application shall be', async () => {
    bed.releases.heldVersions.add('1.0');
    const wish = { application: 'web', environment: bed.environment, to: undefined, reason: 'slow', person: LIN };
    const begun = await rollBackApplication(bed.deps, wish);
    const run = begun.kind === 'started' ? begun.started.run : '';
    await bed.until(run, STAGED, ({ view }) => view?.step?.id === 'stage');
    const { emergency } = await bed.begin();
    await eventually(async () => expect((await loadReport(bed.deps, emergency.id)).report.runCounts.open).toBe(1));
    bed.releases.heldVersions.clear();
    const report = await bed.untilEnded(emergency.id);
    expect(report.runs).toMatchObject([{ run, end: 'came-back' }]);
    expect(await bed.inUse()).toEqual({ db: '1.0', web: '1.0' });
  });
});

describe('runs that nobody answers for', () => {
  it('are named meanwhile, and stop when their workers are back', async () => {
    const run = await underWay('web');
    await bed.stopOrdinary();
    const { emergency } = await bed.begin();
    await eventually(async () => {
      const { report } = await loadReport(bed.deps, emergency.id);
      expect(report).toMatchObject({ stage: 'stopping-runs', runs: [{ run, end: 'open' }] });
    });
    await bed.startOrdinary();
    const report = await bed.untilEnded(emergency.id);
    expect(report).toMatchObject({ left: [], runs: [{ run, end: 'rolled-back' }] });
    expect(await bed.inUse()).toEqual({ db: '1.0', web: '1.1' });
  });
});

describe('whoever looks after emergencies', () => {
  it('begins one whose starter died after it was written down', async () => {
    const { emergency: other } = await bed.begin();
    await bed.untilEnded(other.id);
    const id = `${other.id}A`;
    const input = { ...other.input, id };
    await inTransaction(await bed.deps.database(), (connection) => insertEmergency(connection, input));
    await expect(bed.deploy('web', '1.7')).rejects.toMatchObject({ code: 'EMERGENCY_OPEN' });
    expect(await keepEmergencies(bed.deps)).toContainEqual({ id, what: 'started' });
    expect((await bed.untilEnded(id)).stage).toBe('ended');
  });

  it('opens an environment again whose emergency was terminated', async () => {
    const run = await underWay('web');
    bed.releases.heldVersions.add('1.0');
    const { emergency } = await bed.begin();
    await bed.until(run, 'rolled back', ({ phase }) => phase === 'rolled-back');
    await bed.client.workflow.getHandle(emergencyWorkflowId(emergency.id)).terminate('by mistake');
    await keepEmergencies(bed.deps);
    expect((await readEmergency(bed.pool, emergency.id))?.endedAt).not.toBeNull();
    expect(await loadReport(bed.deps, bed.environment)).toMatchObject({ isOpen: false, isCutShort: true });
    bed.releases.heldVersions.clear();
    await bed.letGo('web');
    const next = await bed.deploy('web', '1.8');
    await bed.until(next, 'completed', ({ phase }) => phase === 'completed');
  });
});
