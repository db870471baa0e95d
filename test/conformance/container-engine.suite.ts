// What every ContainerEngine has to do, run on real engines and on the one in memory.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerEngine, Replica, ReplicaEvent } from '#domain/ports/container-engine.port.ts';
import { endWith, SERVE, SPEAK, SPOKEN } from '../support/containers/programs.ts';
import { newReplica, type Wanted } from '../support/containers/replicas.ts';
import { eventually } from '../support/eventually.ts';

/** An engine, and the hands that its surroundings have. */
export interface EngineBed {
  readonly engine: ContainerEngine;
  /** In the registry and on the engine; `image` is what containers are created from. */
  readonly held: { readonly tag: string; readonly image: string; readonly digest: string };
  /** In the registry only, until it is pulled. */
  readonly remote: { readonly tag: string; readonly digest: string };
  /** On the engine only. */
  readonly local: { readonly tag: string; readonly id: string };
  /** Nobody answers where this one is. */
  connectToNobody(): Promise<ContainerEngine>;
  addForeign(name: string): Promise<void>;
  stopRegistry(): Promise<void>;
  /** SIGKILL of the engine, and its start. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const MISSING_DIGEST = `sha256:${'0'.repeat(64)}`;

export function containerEngineConformance(name: string, make: () => Promise<EngineBed>): void {
  describe(`container engine: ${name}`, () => {
    let bed: EngineBed;
    let engine: ContainerEngine;
    beforeAll(async () => {
      bed = await make();
      engine = bed.engine;
    });
    afterAll(() => bed.close());
    afterEach(async () => {
      const left = await engine.listAll();
      await Promise.all(left.map((replica) => engine.removeReplica(replica.name)));
    });

    const wanted = (given: Partial<Wanted> & { command?: readonly string[] } = {}) => {
      const { spec, command = SERVE, ...rest } = given;
      return newReplica({ spec: { image: bed.held.image, command, ...spec }, ...rest });
    };
    const create = (given: Parameters<typeof wanted>[0] = {}) => engine.createReplica(wanted(given));
    const started = async (given: Parameters<typeof wanted>[0] = {}): Promise<Replica> =>
      engine.startReplica((await create(given)).name);
    const find = async (replica: string) => (await engine.listAll()).find((one) => one.name === replica);

    it('tells its version and size', async () => {
      const facts = await engine.facts();
      expect(facts).toMatchObject({ version: expect.stringMatching(/^\d+\./) as string, liveRestore: true });
      expect(facts.cpus).toBeGreaterThan(0);
      expect(facts.memoryBytes).toBeGreaterThan(1_000_000);
      expect(facts.freeBytes).toBeGreaterThan(0);
    });

    describe('one container', () => {
      it('is created once, however often it is asked for, and bears its labels', async () => {
        const first = await create();
        const again = await create();
        expect(again).toEqual(first);
        expect(first).toMatchObject({ name: 'shop-1-1', state: 'created', address: null, startedAt: null, exit: null });
        expect(first.labels).toEqual(wanted().labels);
        expect(await engine.listAll()).toHaveLength(1);
      });

      it('is the same for four that create it at once', async () => {
        const made = await Promise.all([create(), create(), create(), create()]);
        expect(new Set(made.map(({ id }) => id)).size).toBe(1);
        expect(await engine.listAll()).toHaveLength(1);
      });

      it('is adopted after an answer that nobody heard', async () => {
        const replica = wanted();
        const asked = new AbortController();
        const lost = engine.createReplica(replica, { signal: asked.signal });
        asked.abort(new Error('gone'));
        await expect(lost).rejects.toThrow('gone');
        const made = await engine.createReplica(replica);
        expect(await engine.listAll()).toEqual([made]);
      });

      it('answers at its address while it runs, and has none before and after', async () => {
        const running = await started();
        expect(running).toMatchObject({ state: 'running', exit: null });
        expect(await askName(running)).toBe('shop-1-1');
        await engine.stopReplica(running.name, 5_000);
        expect(await find(running.name)).toMatchObject({
          state: 'exited',
          address: null,
          exit: { outOfMemory: false },
        });
      });

      it('is started, stopped and removed by several at once without complaint', async () => {
        const { name: of } = await create();
        const starts = await Promise.all([1, 2, 3].map(() => engine.startReplica(of)));
        expect(new Set(starts.map(({ startedAt }) => startedAt)).size).toBe(1);
        await Promise.all([1, 2, 3].map(() => engine.stopReplica(of, 5_000)));
        await Promise.all([1, 2, 3].map(() => engine.removeReplica(of)));
        expect(await find(of)).toBeUndefined();
      });

      it('may be stopped when it does not run, and removed when it is not there', async () => {
        const { name: of } = await create();
        await engine.stopReplica(of, 1_000);
        await engine.removeReplica(of);
        await engine.removeReplica(of);
        await engine.stopReplica(of, 1_000);
        await expect(engine.startReplica(of)).rejects.toMatchObject({ code: 'CONTAINER_UNKNOWN' });
      });

      it('has another address after a restart when somebody else took its own', async () => {
        const first = await started();
        await engine.stopReplica(first.name, 5_000);
        const other = await started({ labels: { replica: 2 } });
        const again = await engine.startReplica(first.name);
        expect(again.address).not.toEqual(other.address);
        expect([await askName(again), await askName(other)]).toEqual(['shop-1-1', 'shop-1-2']);
        expect((await find(first.name))?.address).toEqual(again.address);
      });

      it('that ends at once says how', async () => {
        const beganMs = Date.now();
        const { name: of } = await started({ command: endWith(3) });
        const ended = await eventually(async () => {
          const replica = await find(of);
          expect(replica?.state).toBe('exited');
          return replica;
        });
        expect(ended?.exit).toMatchObject({ code: 3, outOfMemory: false });
        // An engine may note the start of what ends at once after its end.
        expect(Date.parse(ended?.exit?.at ?? '')).toBeGreaterThanOrEqual(beganMs);
      });

      it('is not made of an image that the engine lacks', async () => {
        const missing = create({ spec: { image: `${bed.held.tag.split(':')[0]}@${MISSING_DIGEST}` } });
        await expect(missing).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
      });
    });

    describe('whose it is', () => {
      it('leaves a container alone that is not ours', async () => {
        await bed.addForeign('shop-9-1');
        const refused = { code: 'CONTAINER_FOREIGN' };
        await expect(create({ labels: { release: 9 } })).rejects.toMatchObject(refused);
        await expect(engine.removeReplica('shop-9-1')).rejects.toMatchObject(refused);
        await expect(engine.stopReplica('shop-9-1', 1_000)).rejects.toMatchObject(refused);
        expect(await find('shop-9-1')).toBeUndefined();
      });

      it('replaces one of a lower generation, running or not', async () => {
        const old = await started();
        const next = await create({ env: {}, labels: { run: 'run-2', generation: 2, spec: 'other' } });
        expect(next.id).not.toBe(old.id);
        expect(await engine.listAll()).toEqual([next]);
      });

      it.each([
        ['a higher generation', { run: 'run-2', generation: 1 }, { generation: 2 }],
        ['the same generation of another run', { run: 'run-2' }, {}],
        ['the same run with another spec', { spec: 'other' }, {}],
      ])('refuses a name that belongs to %s', async (_whose, asks, has) => {
        const made = await create({ labels: has });
        await expect(create({ labels: asks })).rejects.toMatchObject({ code: 'CONTAINER_FOREIGN' });
        expect(await engine.listAll()).toEqual([made]);
      });
    });

    it('lists by labels, in order, also those that do not run', async () => {
      for (const labels of [{ replica: 10 }, { replica: 2 }, { release: 2 }, { application: 'api' }]) {
        await create({ labels });
      }
      await create({ labels: { environment: 'other', application: 'web' } });
      const names = async (filter: Parameters<ContainerEngine['listReplicas']>[0]) =>
        (await engine.listReplicas(filter)).map((replica) => replica.name);
      expect(await names({ environment: 'test', application: 'shop', release: 1 })).toEqual(['shop-1-2', 'shop-1-10']);
      expect(await names({ environment: 'test', application: 'shop' })).toHaveLength(3);
      expect(await names({ environment: 'test' })).toHaveLength(4);
      expect(await names({ environment: 'nowhere' })).toEqual([]);
      expect(await engine.listAll()).toHaveLength(5);
    });

    describe('what runs inside', () => {
      it('gives the last lines of both streams in the order in which they were written', async () => {
        const { name: of } = await started({ command: SPEAK });
        await eventually(async () => expect(await engine.logs(of, 100)).toEqual([...SPOKEN, 'ready']));
        expect(await engine.logs(of, 2)).toEqual(['err 3', 'ready']);
        await expect(engine.logs('shop-7-7', 2)).rejects.toMatchObject({ code: 'CONTAINER_UNKNOWN' });
      });

      it('runs a command and gives its exit code and output', async () => {
        const { name: of } = await started();
        const result = await engine.run(of, ['/bin/sh', '-c', 'echo out; echo err >&2; exit 7'], 10_000);
        expect(result.exitCode).toBe(7);
        expect(result.output.split('\n').sort()).toEqual(['', 'err', 'out']);
      });

      it('gives up on a command that does not end in time', async () => {
        const { name: of } = await started();
        const run = engine.run(of, ['/bin/sleep', '60'], 300);
        await expect(run).rejects.toMatchObject({ code: 'CONTAINER_COMMAND_TIMED_OUT' });
        expect((await find(of))?.state).toBe('running');
      });

      it('measures those that run and leaves out the others', async () => {
        const { name: of } = await started();
        await create({ labels: { replica: 2 } });
        const [first, ...others] = await engine.usage([of, 'shop-1-2', 'shop-7-7']);
        expect(others).toEqual([]);
        expect(first).toMatchObject({ name: of });
        expect(first?.cpuNs).toBeGreaterThan(0);
        expect(first?.memoryBytes).toBeGreaterThan(0);
      });
    });

    it('tells what happens to containers, also after the engine was killed and came back', async () => {
      const events: ReplicaEvent[] = [];
      const asked = new AbortController();
      const watching = engine.watch((event) => events.push(event), asked.signal);
      const kinds = (of: string) => events.filter((event) => event.name === of).map(({ kind }) => kind);
      const heard = (of: string, kind: ReplicaEvent['kind']) => eventually(() => expect(kinds(of)).toContain(kind));
      await eventually(async () => {
        await started({ labels: { replica: 9 } });
        await engine.removeReplica('shop-1-9');
        expect(kinds('shop-1-9')).toContain('destroy');
      });
      const { name: of, startedAt } = await started();
      await heard(of, 'start');
      await bed.restart();
      expect(await find(of)).toMatchObject({ state: 'running', startedAt });
      await engine.stopReplica(of, 5_000);
      await heard(of, 'die');
      await engine.removeReplica(of);
      await heard(of, 'destroy');
      expect(kinds(of)).toEqual(['start', 'die', 'destroy']);
      expect(events.find(({ kind, name: whose }) => kind === 'die' && whose === of)?.exitCode).toBe(0);
      asked.abort();
      await watching;
    });

    it('follows the lines of a container until it is gone', async () => {
      const { name: of } = await create({ command: SPEAK });
      const lines: string[] = [];
      const following = engine.followLogs(of, (line) => lines.push(line), new AbortController().signal);
      // From when on it listens shows in the first line that it hears.
      await eventually(async () => {
        await engine.stopReplica(of, 5_000);
        await engine.startReplica(of);
        await eventually(() => expect(lines.at(-1)).toBe('ready'), 2_000);
      });
      lines.length = 0;
      await engine.stopReplica(of, 5_000);
      await engine.startReplica(of);
      await eventually(() => expect(lines).toEqual([...SPOKEN, 'ready']));
      await engine.removeReplica(of);
      await following;
    });

    describe('images', () => {
      it('pins a tag to the digest that the registry has for it', async () => {
        const repository = bed.remote.tag.replace(/:[^:/]+$/, '');
        const pinned = {
          pin: 'registry-digest',
          digest: bed.remote.digest,
          image: `${repository}@${bed.remote.digest}`,
        };
        expect(await engine.pinImage(bed.remote.tag, null)).toEqual({ ...pinned, sizeBytes: null });
        expect(await engine.pinImage(pinned.image, null)).toEqual({ ...pinned, sizeBytes: null });
        expect(await engine.pinImage(bed.held.tag, null)).toMatchObject({ image: bed.held.image });
      });

      it('pins an image that no registry has by its id', async () => {
        const pinned = { pin: 'image-id', image: bed.local.id, digest: bed.local.id };
        expect(await engine.pinImage(bed.local.tag, null)).toMatchObject(pinned);
        expect(await engine.pinImage(bed.local.id, null)).toMatchObject(pinned);
        const { id, imageId } = await create({ spec: { image: bed.local.id } });
        expect(await find('shop-1-1')).toMatchObject({ id, imageId });
      });

      it('says where it looked for an image that nobody has', async () => {
        const nobodys = bed.remote.tag.replace(/:[^:/]+$/, ':none');
        const refused = {
          code: 'IMAGE_NOT_FOUND',
          message: expect.stringContaining(`engine ${engine.name}`) as string,
        };
        await expect(engine.pinImage(nobodys, null)).rejects.toMatchObject(refused);
        await expect(engine.pinImage(MISSING_DIGEST, null)).rejects.toMatchObject(refused);
      });

      it('pulls by digest and tells how far it is', async () => {
        const image = await engine.pinImage(bed.remote.tag, null);
        const reports: number[] = [];
        const onProgress = ({ layers, layersDone }: { layers: number; layersDone: number }) => {
          if (layers > 0) reports.push(layersDone / layers);
        };
        await engine.pullImage(image, { credentials: null, onProgress });
        expect(reports.at(-1)).toBe(1);
        expect((await create({ spec: { image: image.image } })).image).toBe(image.image);
        await engine.pullImage(image, { credentials: null });
        const sized = await engine.pinImage(bed.remote.tag, null);
        expect(sized.sizeBytes).toBeGreaterThan(1_000);
      });

      it('does not pull what the registry or nobody has', async () => {
        const repository = bed.remote.tag.replace(/:[^:/]+$/, '');
        const missing = { pin: 'registry-digest' as const, digest: MISSING_DIGEST, sizeBytes: null };
        const pull = (image: string) => engine.pullImage({ ...missing, image }, { credentials: null });
        await expect(pull(`${repository}@${MISSING_DIGEST}`)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
        const byId = engine.pullImage({ ...missing, pin: 'image-id', image: MISSING_DIGEST }, { credentials: null });
        await expect(byId).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
      });

      it('makes do with what the engine holds while the registry does not answer', async () => {
        await bed.stopRegistry();
        expect(await engine.pinImage(bed.held.tag, null)).toMatchObject({
          pin: 'registry-digest',
          image: bed.held.image,
        });
        const repository = bed.remote.tag.replace(/:[^:/]+$/, '');
        const image = { digest: MISSING_DIGEST, image: `${repository}@${MISSING_DIGEST}`, sizeBytes: null };
        const pulled = engine.pullImage({ pin: 'registry-digest', ...image }, { credentials: null });
        await expect(pulled).rejects.toMatchObject({ code: 'IMAGE_PULL_FAILED' });
      });
    });

    it('says which engine does not answer, and where', async () => {
      const message = expect.stringMatching(/engine nobody does not answer at \w+:\/\//) as string;
      const refused = { code: 'ENGINE_UNREACHABLE', message };
      const nobody = bed.connectToNobody().then((connected) => connected.listAll());
      await expect(nobody).rejects.toMatchObject(refused);
    });

    it('does nothing for a caller that has gone', async () => {
      const signal = AbortSignal.abort(new Error('cancelled'));
      await expect(engine.createReplica(wanted(), { signal })).rejects.toThrow('cancelled');
      await expect(engine.listAll({ signal })).rejects.toThrow('cancelled');
      expect(await engine.listAll()).toEqual([]);
    });
  });
}

async function askName({ address }: Replica): Promise<string> {
  return eventually(async () => {
    const response = await fetch(`http://${address?.host}:${address?.port}/`);
    expect(response.status).toBe(200);
    return response.text();
  });
}
