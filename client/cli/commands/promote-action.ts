import { sluiceError } from '#domain/errors/failure.ts';
import { promotionsDocument } from '../../engine/promotions/promotion-document.ts';
import { promote, type Promotion, type Promotions } from '../../engine/promotions/promote.ts';
import { tellTimes } from '../../engine/runs/clock.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { renderPromotions } from '../render/promotion.ts';
import { watch } from './watch-action.ts';

export interface PromoteOptions {
  readonly from: string;
  readonly to: string;
  readonly application?: string;
  readonly version?: string;
  readonly reason?: string;
  readonly planOnly?: boolean;
  readonly watch?: boolean;
  readonly allowNoWayBack?: boolean;
}

/** Promotes; with `watch` the one run is followed to its end, and the document printed is its status at that end. */
export async function promoteVersions(context: CliContext, options: PromoteOptions): Promise<void> {
  refuseUnclear(options);
  const { from, to, reason } = options;
  const done = await promote(context.deps(), {
    from,
    to,
    subject: options.application ?? null,
    version: options.version ?? null,
    reason,
    person: await context.person(),
    isPlanOnly: options.planOnly === true,
    acceptNoWayBack: options.allowNoWayBack === true ? (reason ?? null) : null,
  });
  noteAll(context, done);
  const run = options.watch === true ? onlyRun(done.promotions) : null;
  if (run === null) return context.print(promotionsDocument(done), renderPromotions(done));
  context.note(`started ${run}   ·   Ctrl-C leaves it alone`);
  return watch(context, run);
}

const WHERE = 'sluice promote';

function refuseUnclear({ application, version, allowNoWayBack, reason, planOnly, ...options }: PromoteOptions): void {
  const usage = (why: string): Error => sluiceError('USAGE', { why }, { where: WHERE });
  if (version !== undefined && application === undefined) throw usage('--version needs --application');
  if (options.watch === true && application === undefined)
    throw usage('--watch follows one run: name it with --application');
  if (options.watch === true && planOnly === true) throw usage('--plan-only starts nothing that --watch could follow');
  if (allowNoWayBack === true && !reason?.trim()) {
    throw sluiceError('REASON_REQUIRED', { command: 'promote --allow-no-way-back' });
  }
}

function noteAll(context: CliContext, { promotions, leftOut }: Promotions): void {
  const { clock } = lookOf(context);
  const notes = promotions.flatMap((one) => (one.kind === 'under-way' ? [] : one.notes));
  for (const note of notes) context.note(`note: ${tellTimes(note, clock)}`);
  for (const { subject, version, why } of leftOut) context.note(`note: ${subject} ${version} is left out: ${why}`);
}

function onlyRun([only]: readonly Promotion[]): string | null {
  if (only === undefined || only.kind === 'planned') return null;
  return only.kind === 'started' ? only.started.run : only.open.run;
}
