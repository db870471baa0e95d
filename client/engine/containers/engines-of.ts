import { existsSync } from 'node:fs';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import { settleEngines } from '#domain/environments/engines.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { refusal } from '../environments/read-document.ts';
import type { Settings } from '../settings.ts';
import { ownEngineSocket } from '../stack/own-engine.ts';

const SYSTEM_SOCKET = '/var/run/docker.sock';

/** The engines of an environment as they are reached from this machine now. Throws CONFIG_INVALID. */
export function enginesOf(settings: Settings, { name, engines }: Environment): readonly EngineAddress[] {
  const path = `environments.${name}.engines`;
  const settled = settleEngines({ engines, defaultHost: defaultEngineHost(settings), path });
  if (settled.problems.length > 0) throw refusal(settled.problems, 'the stored configuration');
  return settled.engines;
}

/** DOCKER_HOST, else the engine of `sluice up`, else the machine's. */
export function defaultEngineHost({ dockerHost, dataDirectory }: Settings): string {
  const own = ownEngineSocket(dataDirectory);
  return dockerHost ?? `unix://${existsSync(own) ? own : SYSTEM_SOCKET}`;
}
