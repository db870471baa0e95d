import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findDockerd } from '../../../client/engine/stack/components/docker-programs.ts';
import { readVersion } from '../../../client/engine/stack/components/version.ts';
import { ownEngineSocket } from '../../../client/engine/stack/own-engine.ts';
import { probeEngine } from '../../../client/engine/stack/probes.ts';
import { addressOf } from '../../../client/engine/stack/status.ts';
import type { Settings } from '../../../client/engine/settings.ts';
import type { EmbeddedPart } from '../part.ts';
import { ensureBridge } from './docker-bridge.ts';

/**
 * A Docker Engine of this installation alone: data, socket and network are its own, and its containers end with it. They
 * reach this machine and each other, nothing else: no rule of the machine's firewall is touched. Needs root.
 */
export function dockerPart(settings: Settings, env: NodeJS.ProcessEnv): EmbeddedPart {
  const folder = join(settings.dataDirectory, 'docker');
  const socket = ownEngineSocket(settings.dataDirectory);
  const bridge = `sluice-${createHash('sha256').update(folder).digest('hex').slice(0, 6)}`;
  const pidFile = join(folder, 'docker.pid');
  return {
    name: 'docker',
    after: [],
    address: addressOf('docker', settings),
    kind: 'embedded',
    ports: [],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 30_000,
    version: () => readVersion(findDockerd(env), ['--version']),
    prepare: async () => {
      mkdirSync(folder, { recursive: true });
      // The number in a killed daemon's file may be somebody else's by now, and the daemon would refuse to start.
      rmSync(pidFile, { force: true });
      ensureBridge(bridge);
    },
    command: () => ({
      file: findDockerd(env),
      args: [
        ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
        ...['--host', `unix://${socket}`, '--pidfile', pidFile, '--bridge', bridge],
        ...['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
      ],
      env: { DOCKER_CONFIG: folder },
    }),
    isReady: async () => (await probeEngine(socket)).version !== '',
    whenReady: async () => undefined,
  };
}
