import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeBrokerFiles } from '../../../activities/adapters/mqtt/broker-access.ts';
import { readOrCreateCredentialsKey } from '../../../activities/adapters/mqtt/credentials.ts';
import { BROKER_FILES } from '../../../activities/adapters/mqtt/mosquitto-config.ts';
import { findMosquitto } from '../../../client/engine/stack/components/mosquitto-program.ts';
import { readVersion } from '../../../client/engine/stack/components/version.ts';
import { probeMqtt } from '../../../client/engine/stack/probes.ts';
import { addressOf } from '../../../client/engine/stack/status.ts';
import type { Settings } from '../../../client/engine/settings.ts';
import type { Part } from '../part.ts';

/** The broker with the access rules of the gateway, or the one of SLUICE_MQTT_URL. */
export function mosquittoPart(settings: Settings, env: NodeJS.ProcessEnv): Part {
  const { dataDirectory, ports, listenHost, mqttUrl } = settings;
  const shared = { name: 'mosquitto', after: [], address: addressOf('mosquitto', settings) } as const;
  const answers = async () => void (await probeMqtt(mqttUrl));
  if (env['SLUICE_MQTT_URL'] !== undefined) return { ...shared, kind: 'external', whenReady: answers };
  const place = { folder: join(dataDirectory, 'mosquitto'), port: ports.mqtt, host: listenHost };
  return {
    ...shared,
    kind: 'embedded',
    ports: ['mqtt'],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    version: () => readVersion(findMosquitto(env), ['-h']),
    prepare: () => {
      writeBrokerFiles(place, readOrCreateCredentialsKey(dataDirectory));
      // A killed broker leaves it behind: the gateway must not signal whoever has that number by now.
      rmSync(join(place.folder, BROKER_FILES.pid), { force: true });
      return Promise.resolve();
    },
    command: () => ({ file: findMosquitto(env), args: ['-c', join(place.folder, BROKER_FILES.configuration)] }),
    isReady: async () => {
      await answers();
      return true;
    },
    whenReady: () => Promise.resolve(),
  };
}
