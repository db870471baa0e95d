import { environmentHistory, type HistoryWish } from '../../engine/holds/environment-history.ts';
import { freezeEnvironment, unfreezeEnvironment } from '../../engine/holds/freeze-environment.ts';
import { frozenDocument, historyDocument, pinnedDocument } from '../../engine/holds/holds-document.ts';
import { pinVersion, unpinVersion } from '../../engine/holds/pin-version.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { renderFrozen, renderHistory, renderPinned, renderUnfrozen, renderUnpinned } from '../render/holds.ts';

export interface FreezeOptions {
  readonly reason: string;
  readonly until?: string;
  readonly for?: string;
}

export async function freeze(context: CliContext, environment: string, options: FreezeOptions): Promise<void> {
  const wish = { ...options, environment, person: await context.person() };
  const frozen = await freezeEnvironment(context.deps(), wish);
  context.print(frozenDocument(frozen, true), renderFrozen(frozen, lookOf(context)));
}

export async function unfreeze(context: CliContext, environment: string, reason: string): Promise<void> {
  const lifted = await unfreezeEnvironment(context.deps(), { environment, reason, person: await context.person() });
  context.print(frozenDocument(lifted, false), renderUnfrozen(lifted));
}

export interface PinOptions {
  readonly application?: string;
  readonly reason?: string;
}

export async function pin(context: CliContext, environment: string, options: PinOptions): Promise<void> {
  const pinned = await pinVersion(context.deps(), await pinWish(context, environment, options));
  context.print(pinnedDocument(pinned, true), renderPinned(pinned));
}

export async function unpin(context: CliContext, environment: string, options: PinOptions): Promise<void> {
  const pinned = await unpinVersion(context.deps(), await pinWish(context, environment, options));
  context.print(pinnedDocument(pinned, false), renderUnpinned(pinned));
}

const pinWish = async (context: CliContext, environment: string, { application, reason = '' }: PinOptions) => ({
  environment,
  application,
  reason,
  person: await context.person(),
});

export async function history(context: CliContext, wish: HistoryWish): Promise<void> {
  const found = await environmentHistory(context.deps(), wish);
  context.print(historyDocument(found), renderHistory(found, lookOf(context)));
}
