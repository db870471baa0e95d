import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyLine, factoryFlash, outcomeOf, recoverFlash } from '../../../client/devices/simulator/flash.ts';
import type { LedgerLine } from '../../../client/devices/simulator/flash.ts';
import { Ledger } from '../../../client/devices/simulator/ledger.ts';

const line = (thing: string, jobId: string, version: string, event: LedgerLine['event']): LedgerLine => ({
  at: '2026-01-01T00:00:00.000Z',
  ...{ thing, jobId, version, event },
});
const factory = new Map([['d1', '1.0.0']]);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  path = join(folder, 'fleet', 'ledger.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

async function written(lines: LedgerLine[]): Promise<void> {
  const { ledger } = await Ledger.open(path);
  await Promise.all(lines.map((one) => ledger.append(one)));
  await ledger.close();
}

describe('the ledger', () => {
  it('gives back what was appended, in order, however many lines shared a sync', async () => {
    const lines = Array.from({ length: 500 }, (_, at) => line(`d${at}`, 'j1', '1.1.0', 'installed'));
    await written(lines);
    const { ledger, lines: recovered } = await Ledger.open(path);
    await ledger.close();
    expect(recovered).toEqual(lines);
  });

  it('has the line in the file when the append resolves', async () => {
    const { ledger } = await Ledger.open(path);
    const one = line('d1', 'j1', '1.1.0', 'installed');
    await ledger.append(one);
    expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(one)}\n`);
    await ledger.close();
  });

  it('forgets a torn last line and appends whole lines after it', async () => {
    const [first, second] = [line('d1', 'j1', '1.1.0', 'installed'), line('d1', 'j1', '1.1.0', 'booted')];
    await written([first]);
    const text = JSON.stringify(second);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: text.length }), async (tornAt) => {
        await writeFile(path, `${JSON.stringify(first)}\n${text.slice(0, tornAt)}`);
        const torn = await Ledger.open(path);
        expect(torn.lines).toEqual([first]);
        await torn.ledger.append(second);
        await torn.ledger.close();
        const after = await Ledger.open(path);
        await after.ledger.close();
        expect(after.lines).toEqual([first, second]);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses a damaged line in the middle and names it', async () => {
    await written([line('d1', 'j1', '1.1.0', 'installed')]);
    await appendFile(path, `{"at":\n${JSON.stringify(line('d1', 'j1', '1.1.0', 'booted'))}\n`);
    await expect(Ledger.open(path)).rejects.toThrow(`${path}:2 is not a ledger line`);
  });
});

describe('the flash a ledger describes', () => {
  const recovered = (...lines: LedgerLine[]) => recoverFlash(lines, factory).get('d1');

  it('runs the old version and has the new one ready after an install that did not boot', () => {
    const flash = recovered(line('d1', 'j1', '1.1.0', 'installed'));
    expect(flash?.running).toBe('1.0.0');
    expect(flash?.last).toEqual({ jobId: 'j1', version: '1.1.0', outcome: 'installed' });
  });

  it('runs the new version after a boot and the old one after a fall-back', () => {
    const installed = line('d1', 'j1', '1.1.0', 'installed');
    expect(recovered(installed, line('d1', 'j1', '1.1.0', 'booted'))?.running).toBe('1.1.0');
    const reverted = recovered(installed, line('d1', 'j1', '1.0.0', 'reverted'));
    expect(reverted?.running).toBe('1.0.0');
    expect(reverted?.last).toEqual({ jobId: 'j1', version: '1.1.0', outcome: 'reverted' });
  });

  it('knows every job that ever reached it', () => {
    let flash = factoryFlash('1.0.0');
    for (const version of ['1.1.0', '1.2.0', '1.3.0']) {
      flash = applyLine(flash, line('d1', `job-${version}`, version, 'installed'));
      flash = applyLine(flash, line('d1', `job-${version}`, version, 'booted'));
    }
    expect(['1.1.0', '1.2.0', '1.3.0', '1.4.0'].map((version) => outcomeOf(flash, `job-${version}`))).toEqual([
      'booted',
      'booted',
      'booted',
      undefined,
    ]);
    expect(flash.running).toBe('1.3.0');
  });
});
