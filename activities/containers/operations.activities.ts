import type { ContainerOperations } from '#domain/ports/container-operations.port.ts';
import { containerActivity } from './container-activity.ts';
import type { ContainerDeps, ContainerWork } from './deps.ts';
import { instancesOf } from './instances.ts';
import { observeEnvironment } from './observe-environment.ts';
import { readCredentials } from './registry-credentials.ts';
import { validateEnvironment } from './validate-environment.ts';

/** What commands ask once, outside any run. */
export function createContainerOperations(deps: ContainerDeps): ContainerOperations {
  const asked = containerActivity(deps);
  return {
    resolveImage: asked(resolveImage),
    observeEnvironment: asked(observeEnvironment),
    readLogs: asked(readLogs),
    validateEnvironment: asked(validateEnvironment),
  };
}

type InputOf<Name extends keyof ContainerOperations> = Parameters<ContainerOperations[Name]>[0];

/** The first engine decides: all of them pull what it has found, by its digest. */
async function resolveImage(work: ContainerWork, { reference, credentials: given, engines }: InputOf<'resolveImage'>) {
  const [first] = engines;
  if (!first) throw new Error('an environment without an engine');
  const credentials = await readCredentials(given, work);
  return (await work.engine(first)).pinImage(reference, credentials, { signal: work.signal });
}

async function readLogs(
  work: ContainerWork,
  { environment, application, instance, engines, lines }: InputOf<'readLogs'>,
) {
  const present = await instancesOf(work, engines, { environment, application });
  const wanted = present.filter(({ name }) => instance === null || name === instance);
  return Promise.all(
    wanted.map(async ({ name, on }) => ({
      instance: name,
      lines: await on.logs(name, lines, { signal: work.signal }),
    })),
  );
}
