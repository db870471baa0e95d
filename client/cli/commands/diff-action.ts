import { compareRuns } from '../../engine/runs/compare-runs.ts';
import { diffDocument } from '../../engine/runs/diff-document.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { renderRunDiff } from '../render/run-diff.ts';

/** Two runs side by side. The exit code tells whether they could be compared, not whether they differ. */
export async function diff(context: CliContext, first: string, second: string): Promise<void> {
  const found = await compareRuns(context.deps(), first, second);
  context.print(diffDocument(found), renderRunDiff(found, lookOf(context)));
}
