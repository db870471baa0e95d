import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
import type { ObservedInstance } from '#domain/ports/container-operations.port.ts';
import { currentAndPrevious, instanceDocument, shownDocument } from '../../engine/applications/application-document.ts';
import {
  expectDeployed,
  showApplication,
  type DeployedApplication,
} from '../../engine/applications/show-application.ts';
import { describeRun } from '../../engine/runs/describe-run.ts';
import { listRuns } from '../../engine/runs/list-runs.ts';
import { loadRunFacts } from '../../engine/runs/run-facts.ts';
import { statusDocument } from '../../engine/runs/status-document.ts';
import * as app from '../commands/app-actions.ts';
import { concludeWith } from '../commands/conclude.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { instanceTable, renderApplication } from '../render/application.ts';
import { renderStatus } from '../render/run.ts';
import { inMilkWords } from './in-milk-words.ts';
import type { LogOptions } from './options.ts';
import { readMilkFile } from './read-milk-file.ts';

/** The run that is under way, if there is one, and what serves. */
export async function status(context: CliContext, config: string): Promise<void> {
  const wish = await readMilkFile(config);
  const { application, environment } = wish;
  await inMilkWords(wish, async () => {
    const look = lookOf(context);
    const shown = await showApplication(context.deps(), application, environment);
    const releases = { environment, application, kind: 'container-release', limit: 1 } as const;
    const [latest] = await listRuns(context.deps(), releases);
    const facts = latest === undefined || latest.closed ? null : await loadRunFacts(context.deps(), latest.run);
    const run = facts === null ? [] : [renderStatus(facts.status, describeRun(facts, look.clock), look), ''];
    const document = { ...shownDocument(shown), run: facts && statusDocument(facts.status) };
    context.print(document, [...run, renderApplication(shown, look)].join('\n'));
  });
}

export async function logs(context: CliContext, { config, lines, follow }: LogOptions): Promise<void> {
  const wish = await readMilkFile(config);
  const { application, environment } = wish;
  const asked = { application, environment, instance: undefined, lines };
  await inMilkWords(wish, () => (follow === true ? app.followLogs : app.logs)(context, asked));
}

export async function listInstances(context: CliContext, config: string): Promise<void> {
  const wish = await readMilkFile(config);
  await inMilkWords(wish, () => app.instances(context, wish.application, wish.environment));
}

/** Each instance as engines and router have it now. Throws INSTANCES_UNSEEN, and INSTANCES_NOT_UP after the list. */
export async function healthCheck(context: CliContext, config: string): Promise<void> {
  const wish = await readMilkFile(config);
  await inMilkWords(wish, async () => {
    const deployed = await expectDeployed(context.deps(), wish.application, wish.environment);
    const health = judge(deployed, wish);
    const { instances, wanted, up } = health;
    const document = {
      application: wish.application,
      environment: wish.environment,
      healthy: health.complaint === null,
      wanted,
      up,
      instances: instances.map((one) => ({ ...instanceDocument(one), up: isUp(one) })),
    };
    const table = instanceTable(instances, lookOf(context));
    if (health.complaint !== null) return concludeWith(context, { data: document, text: table }, health.complaint);
    context.print(document, `${table}\n✓ ${up} of ${wanted} up`);
  });
}

interface Health {
  readonly instances: readonly ObservedInstance[];
  readonly wanted: number;
  readonly up: number;
  readonly complaint: SluiceError | null;
}

/** Those of the release in use; what a run brings or takes away beside them is not judged. */
function judge(
  { observation, kept }: DeployedApplication,
  place: { application: string; environment: string },
): Health {
  const { application, environment } = place;
  if (observation.kind === 'unseen') {
    throw sluiceError('INSTANCES_UNSEEN', { application, environment, why: observation.why });
  }
  const [current] = currentAndPrevious(kept);
  const all = observation.application?.instances ?? [];
  const instances = current === null ? all : all.filter(({ labels }) => labels.release === current.release);
  const wanted = current?.spec.replicas ?? all.length;
  const up = instances.filter(isUp).length;
  const isWell = up > 0 && up === instances.length && up >= wanted;
  const complaint = isWell ? null : sluiceError('INSTANCES_NOT_UP', { application, environment, up, wanted });
  return { instances, wanted, up, complaint };
}

/** It runs, answers the router's probe and gets traffic. */
const isUp = ({ state, routed }: ObservedInstance): boolean =>
  state === 'running' && routed !== null && routed.up && routed.state === 'ready';
