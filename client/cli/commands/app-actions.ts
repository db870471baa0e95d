import {
  appliedApplicationsDocument,
  instancesDocument,
  listedDocument,
  logsDocument,
  shownDocument,
} from '../../engine/applications/application-document.ts';
import {
  followApplicationLogs,
  readApplicationLogs,
  type LogWish,
} from '../../engine/applications/application-logs.ts';
import { applyApplications } from '../../engine/applications/apply-applications.ts';
import { expectDeployed, listApplications, showApplication } from '../../engine/applications/show-application.ts';
import { readWrittenFile } from '../../engine/environments/read-document.ts';
import type { CliContext } from '../context.ts';
import { EXIT_INTERRUPTED, interruption } from '../interruption.ts';
import { lookOf } from '../look.ts';
import {
  logLine,
  renderApplication,
  renderApplications,
  renderAppliedApplications,
  renderInstances,
  renderLogs,
} from '../render/application.ts';

export async function apply(context: CliContext, path: string): Promise<void> {
  const file = await readWrittenFile(path);
  const applied = await applyApplications(context.deps(), { file, by: (await context.person()).name });
  context.print(appliedApplicationsDocument(applied), renderAppliedApplications(applied));
}

export async function list(context: CliContext): Promise<void> {
  const applications = await listApplications(context.deps());
  context.print({ applications: applications.map(listedDocument) }, renderApplications(applications, lookOf(context)));
}

export async function show(context: CliContext, name: string, environment: string | undefined): Promise<void> {
  const shown = await showApplication(context.deps(), name, environment);
  context.print(shownDocument(shown), renderApplication(shown, lookOf(context)));
}

export async function instances(context: CliContext, name: string, environment: string | undefined): Promise<void> {
  const deployed = await expectDeployed(context.deps(), name, environment);
  const document = { name, environment: deployed.place.environment, ...instancesDocument(deployed) };
  context.print(document, renderInstances(deployed, lookOf(context)));
}

export async function logs(context: CliContext, wish: LogWish): Promise<void> {
  const found = await readApplicationLogs(context.deps(), wish);
  context.print(logsDocument(wish.application, found), renderLogs(found));
}

/** Exit code 130 after Ctrl-C, which is how it ends. */
export async function followLogs(context: CliContext, wish: LogWish): Promise<void> {
  const stop = interruption();
  try {
    for await (const line of followApplicationLogs(context.deps(), wish, stop.signal)) {
      context.stream({ application: wish.application, ...line }, logLine(line));
    }
  } finally {
    stop.release();
  }
  context.exitWith(EXIT_INTERRUPTED);
}
