import { describe, expect, it } from 'vitest';
import type { Replica } from '#domain/ports/container-engine.port.ts';
import { sharedExitLook } from '../../../activities/containers/await-ready.ts';

const replica = (name: string, changes: Partial<Replica> = {}): Replica => ({
  engine: 'local',
  id: name,
  name,
  state: 'running',
  labels: {
    environment: 'production',
    application: 'shop',
    version: '1.0.0',
    release: 7,
    replica: 1,
    run: 'exe_1',
    step: 'stage-1',
    generation: 1,
    spec: 'a',
    plan: 'b',
  },
  address: { host: '127.0.0.1', port: 1 },
  startedAt: '2026-01-01T00:00:00.000Z',
  exit: null,
  image: 'shop:1',
  imageId: 'sha256:1',
  ...changes,
});

const exit = { code: 137, outOfMemory: true, at: '2026-01-01T00:00:01.000Z' };

describe('the shared look for exits', () => {
  it('says how each ended, and nothing of one that runs', async () => {
    const gone = replica('b', { state: 'exited', exit });
    const look = sharedExitLook(() => Promise.resolve([replica('a'), gone]));
    expect(await Promise.all(['a', 'b', 'c'].map(look))).toEqual([
      null,
      'exited 137, out of memory',
      'the container is gone',
    ]);
  });

  it('asks the engine once for all who ask together', async () => {
    let lists = 0;
    const look = sharedExitLook(async () => {
      lists += 1;
      return [replica('a'), replica('b')];
    });
    await Promise.all(['a', 'b', 'a'].map(look));
    expect(lists).toBe(1);
  });
});
