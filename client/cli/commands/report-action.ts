import { counted } from '#domain/counted.ts';
import { reportIssue } from '../../engine/runs/report-issue.ts';
import type { CliContext } from '../context.ts';

/** Records an issue with the version that a run brings. */
export async function report(
  context: CliContext,
  wish: { readonly run: string; readonly summary: string },
): Promise<void> {
  const { run, id, reports, most } = await reportIssue(context.deps(), { ...wish, person: await context.person() });
  const bound = most === null ? 'its plan is not taken back by reports' : `${most} take it back`;
  const document = { execution_id: run, report_id: id, reports: reports.length, most };
  context.print(document, `reported: ${counted(reports.length, 'issue')} on ${run} by now; ${bound}`);
}
