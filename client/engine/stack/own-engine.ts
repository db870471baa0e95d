import { join } from 'node:path';

/** Where the engine of `sluice up --with-docker` listens. */
export const ownEngineSocket = (dataDirectory: string): string => join(dataDirectory, 'docker', 'docker.sock');
