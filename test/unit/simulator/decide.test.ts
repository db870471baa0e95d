import { describe, expect, it } from 'vitest';
import type { FaultMode } from '../../../client/devices/simulator/config.schema.ts';
import { chooseBoot, decide } from '../../../client/devices/simulator/decide.ts';
import type { JobMemory, Situation } from '../../../client/devices/simulator/decide.ts';
import type { ActiveFaults } from '../../../client/devices/simulator/faults.ts';
import { applyLine, factoryFlash } from '../../../client/devices/simulator/flash.ts';
import type { Flash, InstallOutcome } from '../../../client/devices/simulator/flash.ts';
import { firmwareBytes, newKey, signedDocument } from '../../support/simulator/firmware.ts';

const document = signedDocument(newKey(), '1.1.0', firmwareBytes('1.1.0'));
const execution = { jobId: 'j1', status: 'IN_PROGRESS', versionNumber: 2, jobDocument: document as unknown };
const factory = factoryFlash('1.0.0');
const memory: JobMemory = { jobId: 'j1', wasOffline: false, crashedInInstall: false };

function flashAfter(...outcomes: InstallOutcome[]): Flash {
  const version = (event: InstallOutcome) => (event === 'reverted' ? '1.0.0' : '1.1.0');
  return outcomes.reduce((flash, event) => applyLine(flash, { jobId: 'j1', version: version(event), event }), factory);
}

function faults(...modes: FaultMode[]): ActiveFaults {
  return Object.fromEntries(modes.map((mode) => [mode, { version: '*', mode, percent: 100, forMs: 7 }]));
}

function situation(changes: Partial<Situation> = {}): Situation {
  return { hardware: 'edge-a', flash: factory, memory: undefined, faultsOf: () => ({}), ...changes };
}

const verdictOf = (given: Situation, asked = execution) => {
  const action = decide(given, asked);
  return action.kind === 'conclude' ? action.verdict : action.kind;
};

describe('a device that holds an execution', () => {
  it('installs a version it does not run', () => {
    expect(decide(situation(), execution).kind).toBe('install');
  });

  it('succeeds without an install when it already runs the version', () => {
    expect(verdictOf(situation({ flash: factoryFlash('1.1.0') }))).toEqual({ status: 'SUCCEEDED' });
  });

  it('confirms, and never installs again, a job its ledger says it installed', () => {
    const given = situation({ flash: flashAfter('installed', 'booted') });
    expect(verdictOf(given)).toEqual({ status: 'SUCCEEDED', step: 'rebooting' });
  });

  it('reports a boot loop after its boot loader fell back', () => {
    const given = situation({ flash: flashAfter('installed', 'reverted'), faultsOf: () => faults('boot-loop') });
    expect(verdictOf(given)).toEqual({ status: 'FAILED', reason: 'boot-loop', step: 'rebooting' });
  });

  it('neither installs again nor claims success when a later job replaced what this one installed', () => {
    const later = applyLine(flashAfter('installed', 'booted'), { jobId: 'j2', version: '1.0.0', event: 'installed' });
    const flash = applyLine(later, { jobId: 'j2', version: '1.0.0', event: 'booted' });
    expect(verdictOf(situation({ flash }))).toMatchObject({ status: 'FAILED', reason: 'refused' });
  });

  it.each([
    ['hardware it is not', { ...document, compat: ['edge-b'] }, 'hardware-mismatch'],
    ['a step over a needed version', { ...document, minimumVersion: '1.0.1' }, 'version-too-old'],
    ['a document it cannot read', { operation: 'reboot' }, 'refused'],
  ])('rejects %s', (_what, jobDocument, reason) => {
    expect(verdictOf(situation(), { ...execution, jobDocument })).toEqual({ status: 'REJECTED', reason });
  });

  it('goes back to what it ran before whatever it runs now, and nowhere else by that word', () => {
    const back = (version: string) => ({ ...document, version, minimumVersion: '9.0.0', wayBack: true });
    const flash = flashAfter('installed', 'booted');
    expect(verdictOf(situation({ flash }), { ...execution, jobId: 'j2', jobDocument: back('1.0.0') })).toBe('install');
    const tooOld = { status: 'REJECTED', reason: 'version-too-old' };
    expect(verdictOf(situation({ flash }), { ...execution, jobId: 'j2', jobDocument: back('0.9.0') })).toEqual(tooOld);
    expect(verdictOf(situation(), { ...execution, jobDocument: back('1.1.0') })).toEqual(tooOld);
    const unsaid = { ...back('1.0.0'), wayBack: undefined };
    expect(verdictOf(situation({ flash }), { ...execution, jobId: 'j2', jobDocument: unsaid })).toEqual(tooOld);
  });

  it('still knows where it came from after a slot that did not hold', () => {
    const reverted = applyLine(flashAfter('installed', 'booted'), {
      jobId: 'j2',
      version: '1.2.0',
      event: 'installed',
    });
    expect(applyLine(reverted, { jobId: 'j2', version: '1.1.0', event: 'reverted' }).previous).toBe('1.0.0');
  });

  it('goes offline once for a job, then works', () => {
    const faultsOf = () => faults('offline');
    expect(decide(situation({ faultsOf }), execution)).toEqual({ kind: 'go-offline', forMs: 7 });
    expect(verdictOf(situation({ faultsOf, memory: { ...memory, wasOffline: true } }))).toBe('install');
    expect(verdictOf(situation({ faultsOf, memory: { ...memory, jobId: 'j0', wasOffline: true } }))).toBe('go-offline');
  });

  it.each<[FaultMode, Partial<Situation>, unknown]>([
    ['refuse', {}, { status: 'REJECTED', reason: 'refused' }],
    ['crash-in-install', {}, 'install'],
    [
      'crash-in-install',
      { memory: { ...memory, crashedInInstall: true } },
      { status: 'FAILED', reason: 'install-crashed', step: 'installing' },
    ],
    ['never-confirm', { flash: flashAfter('installed', 'booted') }, 'stay-silent'],
    ['report-old', { flash: flashAfter('installed', 'reverted') }, { status: 'SUCCEEDED', step: 'rebooting' }],
  ])('with the fault %s and %j answers %j', (mode, changes, expected) => {
    expect(verdictOf(situation({ ...changes, faultsOf: () => faults(mode) }))).toEqual(expected);
  });
});

describe('a device with a version in its other slot', () => {
  const asking = (operation: string, changes: object = {}) => ({
    ...execution,
    jobId: 'j2',
    jobDocument: { ...document, operation, ...changes },
  });
  const [staged, booted] = [flashAfter('staged'), flashAfter('staged', 'activated', 'booted')];
  const notInSlot = { status: 'REJECTED', reason: 'not-in-slot' };

  it('stages a version and runs on, and says so again when its word was lost', () => {
    expect(verdictOf(situation(), asking('firmware.stage'))).toBe('stage');
    expect(staged).toMatchObject({ running: '1.0.0', other: '1.1.0', previous: undefined });
    expect(verdictOf(situation({ flash: staged }))).toEqual({ status: 'SUCCEEDED', step: 'installing' });
    expect(chooseBoot(staged, {}, 0)).toBe('as-before');
  });

  it('activates only what that slot holds', () => {
    expect(verdictOf(situation({ flash: staged }), asking('firmware.activate'))).toBe('activate');
    expect(verdictOf(situation(), asking('firmware.activate'))).toEqual(notInSlot);
    const other = asking('firmware.activate', { version: '1.2.0' });
    expect(verdictOf(situation({ flash: staged }), other)).toEqual(notInSlot);
    expect(chooseBoot(flashAfter('staged', 'activated'), {}, 0)).toBe('new-slot');
  });

  it('goes back by it, even over the minimum version, until it is overwritten', () => {
    expect(booted).toMatchObject({ running: '1.1.0', other: '1.0.0', previous: '1.0.0' });
    const back = asking('firmware.activate', { version: '1.0.0', minimumVersion: '9.0.0', wayBack: true });
    expect(verdictOf(situation({ flash: booted }), back)).toBe('activate');
    const overwritten = applyLine(booted, { jobId: 'j3', version: '1.2.0', event: 'staged' });
    expect(verdictOf(situation({ flash: overwritten }), back)).toEqual(notInSlot);
  });

  it('falls back from a slot that does not hold, and is where it was', () => {
    const flash = flashAfter('staged', 'activated', 'reverted');
    expect(flash).toMatchObject({ running: '1.0.0', other: '1.1.0' });
    expect(verdictOf(situation({ flash, faultsOf: () => faults('boot-loop') }))).toMatchObject({
      status: 'FAILED',
      reason: 'boot-loop',
    });
    const back = asking('firmware.activate', { version: '1.0.0', wayBack: true });
    expect(verdictOf(situation({ flash }), back)).toEqual({ status: 'SUCCEEDED' });
  });
});

describe('the boot loader', () => {
  const [fresh, ready, looping] = [flashAfter(), flashAfter('installed'), faults('boot-loop')];
  it.each([
    ['nothing new', chooseBoot(fresh, {}, 0), 'as-before'],
    ['a new slot', chooseBoot(ready, {}, 0), 'new-slot'],
    ['a booted slot', chooseBoot(flashAfter('installed', 'booted'), looping, 0), 'as-before'],
    ['a looping slot', chooseBoot(ready, looping, 0), 'crash'],
    ['a slot that died twice', chooseBoot(ready, looping, 2), 'crash'],
    ['a slot that died three times', chooseBoot(ready, looping, 3), 'fall-back'],
    ['a slot it gave up', chooseBoot(flashAfter('installed', 'reverted'), looping, 0), 'as-before'],
    ['a slot that falls back silently', chooseBoot(ready, faults('report-old'), 0), 'fall-back'],
  ])('with %s chooses %s', (_what, chosen, expected) => {
    expect(chosen).toBe(expected);
  });
});
