import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobDocument } from '#domain/fleet/job-document.ts';
import { waveJobId, type RunId, type Sha256 } from '#domain/ids.ts';
import { devicePassword } from '../../../activities/adapters/mqtt/credentials.ts';
import { ensureJob } from '../../../activities/adapters/postgres/rollout-jobs.ts';
import { createLogger } from '../../../client/engine/logging.ts';
import { authenticateDevices } from '../../../client/http/device-auth.ts';
import { createHttpServer } from '../../../client/http/server.ts';
import { addJob, release } from '../../support/gateway/database-fleet.ts';
import { GatewayBed } from '../../support/gateway/gateway-bed.ts';

const THING = 'pump-1';
const BYTES = Buffer.from('firmware 1.1.0');
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;

let bed: GatewayBed;
let server: FastifyInstance | undefined;
beforeAll(async () => {
  bed = await GatewayBed.open();
  mkdirSync(join(bed.settings.dataDirectory, 'artifacts'));
  writeFileSync(join(bed.settings.dataDirectory, 'artifacts', SHA256), BYTES);
});
afterAll(async () => {
  await server?.close();
  await bed.close();
});

/** The HTTP server on a port of its own; the one before is gone. */
async function serveElsewhere(): Promise<string> {
  await server?.close();
  server = createHttpServer({
    dataDirectory: bed.settings.dataDirectory,
    authenticate: authenticateDevices(bed.key, bed.pool),
    inspect: () => Promise.resolve({ well: true, dataDirectory: bed.settings.dataDirectory, parts: [] }),
    logger: createLogger('http', 'silent'),
  });
  return server.listen({ host: '127.0.0.1', port: 0 });
}

/** A job whose firmware is `BYTES`, as a wave makes it. */
async function storeJob() {
  const confirmation = { mode: 'succeeded', confirmWithinMs: 60_000, inProgressTimeoutMs: 60_000 } as const;
  const named = { name: 'edge', version: '1.1.0', hardware: ['edge-a'], minimumVersion: null, signature: 'c2ln' };
  const document = jobDocument({ ...named, sha256: SHA256, sizeBytes: BYTES.length }, confirmation, 'install');
  const jobId = waveJobId('exe_1' as RunId, 1);
  const { seq } = await ensureJob(bed.pool, {
    jobId,
    run: 'exe_1',
    kind: { purpose: 'install', wave: 1 },
    status: 'open',
    document,
    confirmation,
  });
  return { ...(await addJob(bed.pool)), seq, jobId };
}

it('a job that was offered before the HTTP server moved is handed out with a link that works', async () => {
  const before = await serveElsewhere();
  bed.startGateway('silent', { httpUrl: before });
  await bed.register([THING]);
  const device = await bed.device(THING);
  await release(bed.pool, await storeJob(), [THING]);
  const offer = await device.notice('notify-next');
  expect(offer.body).toMatchObject({
    execution: { jobDocument: { artifacts: [{ url: `${before}/artifacts/${SHA256}` }] } },
  });

  await bed.stopGateway();
  const now = await serveElsewhere();
  expect(now).not.toBe(before);
  const heard = device.received.length;
  bed.startGateway('silent', { httpUrl: now });
  // The new gateway hears devices from its first word on.
  await device.notice('notify-next', heard);
  const asked = (await device.ask('start-next')).body as {
    execution: { jobDocument: { artifacts: { url: string }[] } };
  };
  const [artifact] = asked.execution.jobDocument.artifacts;
  const authorization = `Basic ${Buffer.from(`${THING}:${devicePassword(bed.key, THING)}`).toString('base64')}`;
  const response = await fetch(artifact?.url ?? '', { headers: { authorization } });
  expect(Buffer.from(await response.arrayBuffer()).equals(BYTES)).toBe(true);
});
