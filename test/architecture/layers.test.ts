import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARROW_RULES, countSources, cruiseFolder, judgeCruise } from './cruise.ts';

const fixtures = join(import.meta.dirname, 'fixtures/arrows');
const root = join(import.meta.dirname, '../..');

describe('import arrows', () => {
  it.each(ARROW_RULES)('%s fires on its bad fixture, alone', async (rule) => {
    const { violations } = await cruiseFolder(join(fixtures, rule));
    expect([...new Set(violations.map((violation) => violation.rule))]).toEqual([rule]);
  });

  it('lets the allowed arrows pass', async () => {
    const { modules, violations } = await cruiseFolder(join(fixtures, 'allowed'));
    expect(violations).toEqual([]);
    expect(modules).toBeGreaterThanOrEqual(countSources(join(fixtures, 'allowed')));
  });

  it('has no fixture whose rule is gone', () => {
    expect(readdirSync(fixtures).sort()).toEqual([...ARROW_RULES, 'allowed'].sort());
  });

  it('sees every source file of the project', async () => {
    const { modules } = await cruiseFolder(root);
    expect(modules).toBeGreaterThanOrEqual(countSources(root));
    expect(modules).toBeGreaterThan(100);
  });

  it('takes a cruise that understood nothing for a failure', () => {
    expect(judgeCruise('✔ no dependency violations found (0 modules, 0 dependencies cruised)', 120)).toContain(
      'only 0',
    );
    expect(judgeCruise('✔ no dependency violations found (131 modules, 400 dependencies cruised)', 120)).toBeNull();
  });
});

describe('file names', () => {
  it('never stand for whatever was left over', () => {
    const names = ['workflows', 'activities', 'workers', 'client', 'test'].flatMap((layer) =>
      readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' }),
    );
    const vague = /(^|\/|[.-])(utils?|helpers?|common|misc|managers?)([./-]|$)/;
    expect(names.filter((name) => vague.test(name))).toEqual([]);
  });
});
