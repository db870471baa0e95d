import { ulid } from 'ulid';
import { RELEASE_METRICS } from '#domain/joint-releases/joint-release-spec.schema.ts';
import { loadConfiguration } from '../../engine/environments/load-configuration.ts';
import { readWrittenFile } from '../../engine/environments/read-document.ts';
import {
  approveRelease,
  cancelRelease,
  commandRelease,
  rollBackRelease,
} from '../../engine/joint-releases/command-joint-release.ts';
import { createJointRelease } from '../../engine/joint-releases/create-joint-release.ts';
import { findRelease, listReleases, type NamedRelease } from '../../engine/joint-releases/find-joint-release.ts';
import {
  calendarDocument,
  createdReleaseDocument,
  metricsDocument,
  releaseDetails,
  releaseDocument,
} from '../../engine/joint-releases/joint-release-document.ts';
import { releaseCalendar } from '../../engine/joint-releases/release-calendar.ts';
import { releaseMarkdown } from '../../engine/joint-releases/release-markdown.ts';
import { metricsOf, type ReleaseMetrics } from '../../engine/joint-releases/release-standing.ts';
import { patientRead } from '../../engine/patient-read.ts';
import { describePlan } from '../../engine/plans/describe-plan.ts';
import { approvedDocument } from '../../engine/plans/plan-document.ts';
import type { PlainCommand } from '../../engine/runs/command-run.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { renderCalendar, renderCreatedRelease, renderRelease, renderReleases } from '../render/joint-release.ts';
import { renderApproved } from '../render/plan.ts';
import { printAnswer } from './command-action.ts';
import { execute as executePlan } from './execute-action.ts';

export interface CreateOptions {
  readonly file: string;
  readonly environment?: string;
}
export interface NameOptions {
  readonly environment?: string;
}
export interface ListOptions extends NameOptions {
  readonly calendar?: boolean;
}
export interface ReasonOptions extends NameOptions {
  readonly reason: string;
}
export interface ApproveOptions extends NameOptions {
  readonly comment: string;
  readonly digest?: string;
}
export interface ExecuteOptions extends Partial<ReasonOptions> {
  readonly at?: string;
  readonly watch?: boolean;
}

export async function create(context: CliContext, { file: path, environment }: CreateOptions): Promise<void> {
  const file = await readWrittenFile(path);
  const author = (await context.person()).name;
  const created = await createJointRelease(context.deps(), { file, environment, author });
  context.print(createdReleaseDocument(created), renderCreatedRelease(created, lookOf(context).clock));
}

export async function show(context: CliContext, named: NamedRelease): Promise<void> {
  const release = await findRelease(context.deps(), named);
  const described = await describePlan(context.deps(), release.planId);
  context.print(releaseDetails(release, described), renderRelease(release, described, lookOf(context).clock));
}

export async function list(context: CliContext, { environment, calendar }: ListOptions): Promise<void> {
  if (calendar === true) {
    const days = await releaseCalendar(context.deps(), environment);
    return context.print(calendarDocument(days), renderCalendar(days));
  }
  const releases = await listReleases(context.deps(), environment);
  const metrics = metricsOf(releases);
  const document = { releases: releases.map(releaseDocument), metrics: metricsDocument(metrics) };
  context.print(document, renderReleases(releases, await toldMetrics(context, metrics), lookOf(context)));
}

/** Those that the configuration wants to be told; all where it says nothing. */
async function toldMetrics(context: CliContext, metrics: ReleaseMetrics): Promise<Partial<ReleaseMetrics>> {
  const { configuration } = await patientRead(context.deps(), loadConfiguration);
  const { enabled = true, metrics: wanted = RELEASE_METRICS } = configuration.release?.monitoring ?? {};
  const { releaseTimeMs, successPercent, rollbackPercent } = metrics;
  const tells = (name: (typeof RELEASE_METRICS)[number]): boolean => enabled && wanted.includes(name);
  return {
    ...(tells('release_time') && { releaseTimeMs }),
    ...(tells('success_rate') && { successPercent }),
    ...(tells('rollback_rate') && { rollbackPercent }),
  };
}

export async function notes(context: CliContext, named: NamedRelease): Promise<void> {
  const release = await findRelease(context.deps(), named);
  const markdown = releaseMarkdown(release);
  context.print({ ...releaseDocument(release), markdown }, markdown);
}

export async function approve(context: CliContext, wish: NamedRelease & ApproveOptions): Promise<void> {
  const person = await context.person();
  const { digest = null } = wish;
  const approved = await approveRelease(context.deps(), { ...wish, person, digest, commandId: `cli_${ulid()}` });
  if (approved.kind === 'kept') {
    return context.print(approvedDocument(approved.approved), renderApproved(approved.approved));
  }
  const { view, commandId } = approved.answer;
  const document = { execution_id: view.run, command_id: commandId, status: view.state.phase };
  context.print(document, `${view.run} approved by ${person.name}\n  sluice run watch ${view.run}`);
}

export async function execute(context: CliContext, wish: NamedRelease & ExecuteOptions): Promise<void> {
  const { planId } = await findRelease(context.deps(), wish);
  await executePlan(context, { ...wish, planId });
}

export async function tell(
  context: CliContext,
  name: PlainCommand,
  wish: NamedRelease & Partial<ReasonOptions>,
): Promise<void> {
  printAnswer(context, name, await commandRelease(context.deps(), name, { ...wish, person: await context.person() }));
}

export async function cancel(context: CliContext, wish: NamedRelease & ReasonOptions): Promise<void> {
  const cancelled = await cancelRelease(context.deps(), { ...wish, person: await context.person() });
  if (cancelled.kind === 'told') return printAnswer(context, 'cancelRun', cancelled.answer);
  const { release } = cancelled;
  context.print(releaseDocument(release), `release ${release.name} is called off: it cannot be started any more`);
}

export async function rollBack(context: CliContext, wish: NamedRelease & ReasonOptions): Promise<void> {
  const done = await rollBackRelease(context.deps(), { ...wish, person: await context.person() });
  if (done.kind === 'told') return printAnswer(context, 'rollBackRun', done.answer);
  const { run, workflowId, planId, digest, environment } = done.started;
  for (const note of done.notes) context.note(`note: ${note}`);
  const started = { execution_id: run, workflow_id: workflowId, plan_id: planId, digest, environment };
  const document = { ...started, status: 'queued', notes: done.notes };
  context.print(document, `started ${run}: every application to the version before\n  sluice run watch ${run}`);
}
