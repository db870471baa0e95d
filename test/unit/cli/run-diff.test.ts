import { describe, expect, it } from 'vitest';
import { renderRunDiff } from '../../../client/cli/render/run-diff.ts';
import type { Look } from '../../../client/cli/render/run.ts';
import type { ComparedRun } from '../../../client/engine/runs/diff-results.ts';
import { diffRuns } from '../../../client/engine/runs/diff-runs.ts';
import { aReleasePlan } from '../../support/runs/container-plan-builder.ts';
import { after, completed, NOW, other, rolledBack } from '../runs/compared-runs.ts';
import { lookAt, PLAN, RUN } from '../runs/sample-run.ts';

const terminal = lookAt(NOW);
const pipe = { ...terminal, listWidth: Infinity };
const tell = (a: ComparedRun, b: ComparedRun, look: Look = terminal): string =>
  renderRunDiff(diffRuns(a, b, NOW), look);

const THINGS = Array.from({ length: 300 }, (_, at) => `edge-${at}`);
const WIDE = {
  ...PLAN,
  name: 'A name that goes on and on, until no line of a narrow terminal could ever hold the whole of it',
  firmware: { ...PLAN.firmware, signature: 'x'.repeat(120) },
  waves: [{ kind: 'devices', things: THINGS } as const],
};

describe('a comparison', () => {
  it('reads like a diff: the first run behind -, the second one behind +', () => {
    const text = tell(completed(), rolledBack());
    expect(text.split('\n\n')[0]).toBe(
      `
- exe_01HSAMPLE  completed after 10 min
-   Production Rollout v1.2.0 · fleet rollout · edge 1.2.0 → production
-   started 14:00 UTC (1 h ago) by grace
+ exe_01HOTHER  rolled-back after 6 min
+   Production Rollout v1.2.0 · fleet rollout · edge 1.2.0 → production
+   started 14:00 UTC (1 h ago) by grace
`.trim(),
    );
    expect(text).toContain('\n  reason\n-   none\n+   failure rate 35 % > 10 %\n');
  });

  it('shows nothing of what is equal but how much it is', () => {
    const text = tell(completed(), rolledBack());
    expect(text).toMatch(/\nplan · all \d+ equal\n\ndelivered · all 7 equal\n\nconfiguration · all \d+ equal\n/);
    expect(text).not.toContain('grace\n+   grace');
  });

  it('has a table of durations: what was cut short, not reached or not planned, and the difference', () => {
    const plan = { ...PLAN, steps: PLAN.steps.slice(0, 3) };
    const text = tell({ ...completed(), plan }, rolledBack());
    expect(text).toContain(
      `
durations
  STEP       -            +                 DIFFERENCE
  whole run  10 min       6 min             -4 min
  approve-1  not reached  not reached
  offer-1    2 min        3 min, cut short  +1 min
  bake-1     5 min        not reached
  offer-2    not planned  not reached
  bake-2     not planned  not reached
  offer-3    not planned  not reached
  way back   none         2 min
`,
    );
  });

  it('tells durations of the configuration in both ways', () => {
    const confirmation = { ...PLAN.confirmation, confirmWithinMs: 90_000 };
    const text = tell(completed(), other({ ...PLAN, confirmation }));
    expect(text).toContain('  confirmation.confirmWithinMs\n-   60000 (1 min)\n+   90000 (1 min 30 s)\n');
  });

  it('fits 80 columns, every line of a value behind its sign, and says where the whole of a long one is', () => {
    const lines = tell(completed(), other(WIDE)).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => /^\+ {3}x+$/.test(line))).toHaveLength(2);
    expect(lines.some((line) => /^\+ .*edge-… \(\d+ characters: --output json\)$/.test(line))).toBe(true);
  });

  it('keeps each value on one line in a pipe, whole', () => {
    const lines = tell(completed(), other(WIDE), pipe).split('\n');
    expect(lines).toContain(`+   ${THINGS.join(', ')}`);
    expect(lines).toContain(`+   ${WIDE.name}`);
  });

  it('means the same without colour', () => {
    const plain = tell(completed(), rolledBack());
    const coloured = tell(completed(), rolledBack(), { ...terminal, colour: true });
    expect(plain).not.toContain('\u001b');
    expect(coloured).toContain('\u001b[31m- exe_01HSAMPLE');
    expect(coloured).toContain('\u001b[32m+ exe_01HOTHER');
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain);
  });

  it('sends no terminal what came from people', () => {
    const text = tell(completed(), other({ ...PLAN, name: 'a\u001b[2J\n+ forged' }));
    expect(text).toContain('+   a\\u001b[2J\\n+ forged');
  });

  it('of a run with itself says so, and nothing else', () => {
    expect(tell(completed(), completed())).toBe(
      `${RUN} is compared with itself: nothing can differ\n  sluice run show ${RUN}`,
    );
  });

  it('of runs of different kinds says so, and what each has alone', () => {
    const text = tell(completed(), other(aReleasePlan()));
    expect(text).toContain('\ndifferent kinds · compared is what both have, left out are\n-   signature, hardware, ');
    expect(text).toMatch(/\n\+ {3}reference, image, pin, replaces, application, /);
  });

  it('of a run under way says that it is', () => {
    const { status, ...rest } = other();
    const row = { ...status.row, phase: 'running', closed: false, completedAt: null, startedAt: after(15) } as const;
    const text = tell(completed(), { ...rest, status: { ...status, row } });
    expect(text).toContain('+ exe_01HOTHER  running, 45 min so far\n');
    expect(text).toMatch(/\n {2}whole run {2}10 min +45 min so far\n/);
  });
});
