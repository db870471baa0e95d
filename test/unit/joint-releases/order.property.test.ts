// The order of releases of any shape; its way back is the same order, read backwards.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dependencies } from '#domain/containers/dependencies.ts';
import { neededMembers, orderMembers, type Orderable } from '#domain/joint-releases/order.ts';
import { aJointPlan } from '../../support/runs/joint-plan-builder.ts';

const MOST = 9;

/** Applications that need only earlier ones, in any order of writing; some of them do not go out. */
const release = fc
  .array(fc.record({ critical: fc.boolean(), goesOut: fc.boolean(), needs: fc.uniqueArray(fc.nat(MOST - 1)) }), {
    minLength: 1,
    maxLength: MOST,
  })
  .chain((applications) =>
    fc
      .shuffledSubarray(
        applications.map((_one, at) => at),
        { minLength: applications.length },
      )
      .map((written) => {
        const needs: Dependencies = Object.fromEntries(
          applications.map((one, at) => [`a${at}`, one.needs.filter((need) => need < at).map((need) => `a${need}`)]),
        );
        const members = written.flatMap((at): Orderable[] => {
          const { goesOut = false, critical = false } = applications[at] ?? {};
          return goesOut ? [{ name: `a${at}`, critical }] : [];
        });
        return { members, needs };
      }),
  );

const waves = (members: readonly Orderable[], needs: Dependencies): readonly (readonly Orderable[])[] => {
  const ordered = orderMembers(members, needs);
  return ordered.kind === 'ordered' ? ordered.waves : [];
};

const waveOf = (all: readonly (readonly Orderable[])[], name: string): number =>
  all.findIndex((wave) => wave.some((one) => one.name === name));

describe('any release without a circle', () => {
  it('has every member once, and none before what it needs', () => {
    fc.assert(
      fc.property(release, ({ members, needs }) => {
        const all = waves(members, needs);
        expect(
          all
            .flat()
            .map(({ name }) => name)
            .sort(),
        ).toEqual(members.map(({ name }) => name).sort());
        for (const { name } of members) {
          for (const need of neededMembers(name, members, needs))
            expect(waveOf(all, need)).toBeLessThan(waveOf(all, name));
        }
      }),
    );
  });

  it('has no critical member in a wave with or before another one that was as ready and is not critical', () => {
    fc.assert(
      fc.property(release, ({ members, needs }) => {
        const all = waves(members, needs);
        all.forEach((wave, at) => {
          if (!wave.some(({ critical }) => critical)) return;
          expect(wave.every(({ critical }) => critical)).toBe(true);
          const before = new Set(
            all
              .slice(0, at)
              .flat()
              .map(({ name }) => name),
          );
          const ready = all
            .slice(at + 1)
            .flat()
            .filter(
              ({ name, critical }) => !critical && neededMembers(name, members, needs).every((one) => before.has(one)),
            );
          expect(ready).toEqual([]);
        });
      }),
    );
  });

  it('has a step for each wave, and read backwards takes none back before what needs it', () => {
    fc.assert(
      fc.property(release, ({ members, needs }) => {
        const all = waves(members, needs);
        const plan = aJointPlan({ waves: all.map((wave) => wave.map(({ name }) => name)) });
        const undone = plan.steps.toReversed().flatMap((step) => (step.kind === 'deploy' ? [step.members] : []));
        expect(undone).toEqual(all.map((wave) => wave.map(({ name }) => name)).toReversed());
        for (const { name } of members) {
          const needed = neededMembers(name, members, needs);
          const at = undone.findIndex((wave) => wave.includes(name));
          for (const need of needed) expect(undone.findIndex((wave) => wave.includes(need))).toBeGreaterThan(at);
        }
      }),
    );
  });
});
