import type { Environment } from '#domain/environments/environment.ts';
import type { WholeConfiguration } from '#domain/environments/references.ts';

/** Where the configuration says nothing. */
const USUAL_MAXIMUM = 5;

/** How many runs may be under way in the environment at once, as the configuration is now. */
export const maximumAtOnce = (
  { configuration }: WholeConfiguration,
  { maxConcurrentDeployments }: Environment,
): number => maxConcurrentDeployments ?? configuration.performance?.max_concurrent_deployments ?? USUAL_MAXIMUM;
