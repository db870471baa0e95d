// A container engine in memory: keeps the port's promises (the same suite runs on a real one), and can be told to fail.
import { EventEmitter, on } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { sluiceError } from '#domain/errors/failure.ts';
import type {
  CommandResult,
  ContainerEngine,
  NewReplica,
  PinnedImage,
  Replica,
  ReplicaEvent,
  ReplicaFilter,
  ReplicaUsage,
} from '#domain/ports/container-engine.port.ts';
import { FakeImages, type FakeImage } from './fake-images.ts';
import { FakeReplica, type FakeBehaviour } from './fake-replica.ts';

interface Bounds {
  readonly signal?: AbortSignal;
}

export interface FakeEngineOptions {
  readonly name: string;
  readonly images: FakeImage[];
  /** What a container does when it is started; serves its own name without. */
  readonly behave?: (replica: NewReplica) => FakeBehaviour;
  /** What a command in a container answers; null never ends. */
  readonly command?: (replica: Replica, command: readonly string[]) => CommandResult | null;
}

const CPU_NS_PER_LOOK = 1_000_000;
const MEMORY_BYTES = 4_000_000;

export class FakeContainerEngine implements ContainerEngine {
  readonly name: string;
  readonly images: FakeImages;
  /** Every call so far, as `createReplica shop-1-1`. */
  readonly calls: string[] = [];
  readonly #options: FakeEngineOptions;
  readonly #containers = new Map<string, FakeReplica | 'foreign'>();
  readonly #events: ReplicaEvent[] = [];
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #made = 0;
  #looks = 0;
  #isUp = true;

  constructor(options: FakeEngineOptions) {
    this.#options = options;
    this.name = options.name;
    this.images = new FakeImages(options.name, options.images);
  }

  /** Without it every call throws ENGINE_UNREACHABLE; containers run on. */
  setUp(isUp: boolean): void {
    this.#isUp = isUp;
    this.#changes.emit('change');
  }

  /** A container that is not ours takes the name. */
  addForeign(name: string): void {
    this.#containers.set(name, 'foreign');
  }

  /** The program of a running container ends, as by its own fault. */
  async end(name: string, code: number, outOfMemory = false): Promise<void> {
    const replica = this.#existing(name);
    await replica.end(code, outOfMemory);
    if (outOfMemory) this.#tell('oom', name);
    this.#tell('die', name, code);
  }

  /** It writes a line. */
  write(name: string, line: string): void {
    this.#existing(name).lines.push(line);
    this.#changes.emit('change');
  }

  async facts(bounds?: Bounds) {
    this.#called('facts', '', bounds);
    const size = { cpus: 4, memoryBytes: 8_000_000_000, rootDirectory: '/var/lib/docker', freeBytes: 50_000_000_000 };
    return { version: '20.10.24', apiVersion: '1.41', liveRestore: true, ...size };
  }

  async pinImage(reference: string, _credentials: unknown, bounds?: Bounds): Promise<PinnedImage> {
    this.#called('pinImage', reference, bounds);
    return this.images.pin(reference);
  }

  async pullImage(image: PinnedImage, options: Parameters<ContainerEngine['pullImage']>[1]): Promise<void> {
    this.#called('pullImage', image.image, options);
    this.images.pull(image, options.onProgress);
  }

  async createReplica(replica: NewReplica, bounds?: Bounds): Promise<Replica> {
    this.#called('createReplica', replica.name, bounds);
    this.images.mustHold(replica.spec.image);
    if (this.#containers.has(replica.name)) {
      const { labels } = this.#existing(replica.name).made;
      const { run, spec, generation } = replica.labels;
      if (labels.spec === spec && labels.run === run) return this.#existing(replica.name).show();
      if (labels.generation >= generation) throw this.#foreign(replica.name, `run ${labels.run}`);
      await this.#remove(replica.name);
    }
    this.#made += 1;
    const made = new FakeReplica(this.name, `${this.name}-${this.#made}`, replica);
    this.#containers.set(replica.name, made);
    // Who goes away while it is made does not hear of it.
    await setImmediate();
    bounds?.signal?.throwIfAborted();
    return made.show();
  }

  async startReplica(name: string, bounds?: Bounds): Promise<Replica> {
    this.#called('startReplica', name, bounds);
    const replica = this.#existing(name);
    if (replica.isRunning) return replica.show();
    const behaviour = this.#options.behave?.(replica.made) ?? { kind: 'serves' };
    const started = replica.start(behaviour);
    this.#tell('start', name);
    await started;
    if (behaviour.kind === 'ends' && behaviour.outOfMemory === true) this.#tell('oom', name);
    if (behaviour.kind === 'ends') this.#tell('die', name, behaviour.code);
    return replica.show();
  }

  async stopReplica(name: string, _graceMs: number, bounds?: Bounds): Promise<void> {
    this.#called('stopReplica', name, bounds);
    if (!this.#containers.has(name) || !this.#existing(name).isRunning) return;
    await this.#existing(name).end(0);
    this.#tell('die', name, 0);
  }

  async removeReplica(name: string, bounds?: Bounds): Promise<void> {
    this.#called('removeReplica', name, bounds);
    if (this.#containers.has(name)) await this.#remove(name);
  }

  async listReplicas({ environment, application, release }: ReplicaFilter, bounds?: Bounds): Promise<Replica[]> {
    return (await this.listAll(bounds)).filter(
      ({ labels }) =>
        labels.environment === environment &&
        (application === undefined || labels.application === application) &&
        (release === undefined || labels.release === release),
    );
  }

  async listAll(bounds?: Bounds): Promise<Replica[]> {
    this.#called('listReplicas', '', bounds);
    const ours = [...this.#containers.values()].filter((container) => container !== 'foreign');
    return ours
      .map((replica) => replica.show())
      .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  }

  async logs(name: string, lines: number, bounds?: Bounds): Promise<string[]> {
    this.#called('logs', name, bounds);
    return this.#existing(name).lines.slice(-lines);
  }

  async followLogs(name: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    this.#called('followLogs', name, { signal });
    const { lines } = this.#existing(name);
    let read = lines.length;
    await this.#eachChange(signal, () => {
      lines.slice(read).forEach(onLine);
      read = lines.length;
      return this.#containers.has(name);
    });
  }

  async run(name: string, command: readonly string[], timeoutMs: number, bounds?: Bounds): Promise<CommandResult> {
    this.#called('run', name, bounds);
    const result = this.#options.command?.(this.#existing(name).show(), command);
    if (result) return result;
    throw sluiceError('CONTAINER_COMMAND_TIMED_OUT', { name, command: command.join(' '), timeoutMs });
  }

  async usage(names: readonly string[], bounds?: Bounds): Promise<ReplicaUsage[]> {
    this.#called('usage', names.join(' '), bounds);
    this.#looks += 1;
    const running = (await this.listAll()).filter(({ name, state }) => state === 'running' && names.includes(name));
    const sample = { at: new Date().toISOString(), cpuNs: this.#looks * CPU_NS_PER_LOOK, memoryBytes: MEMORY_BYTES };
    return running.map(({ name }) => ({ name, ...sample }));
  }

  async watch(onEvent: (event: ReplicaEvent) => void, signal: AbortSignal): Promise<void> {
    let told = this.#events.length;
    await this.#eachChange(signal, () => {
      this.#events.slice(told).forEach(onEvent);
      told = this.#events.length;
      return true;
    });
  }

  close(): void {
    for (const container of this.#containers.values()) {
      if (container !== 'foreign' && container.isRunning) void container.end();
    }
  }

  /** Calls `look` after each change while the engine is up, until it says false or `signal` is aborted. */
  async #eachChange(signal: AbortSignal, look: () => boolean): Promise<void> {
    try {
      for await (const _change of on(this.#changes, 'change', { signal })) {
        if (this.#isUp && !look()) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #called(call: string, subject: string, bounds: Bounds | undefined): void {
    this.calls.push(`${call} ${subject}`.trim());
    bounds?.signal?.throwIfAborted();
    if (this.#isUp) return;
    const place = { engine: this.name, address: `memory://${this.name}` };
    throw sluiceError('ENGINE_UNREACHABLE', { ...place, why: 'it was told to be down' });
  }

  #existing(name: string): FakeReplica {
    const found = this.#containers.get(name);
    if (found === 'foreign') throw this.#foreign(name, 'somebody else');
    if (found === undefined) throw sluiceError('CONTAINER_UNKNOWN', { name, engine: this.name });
    return found;
  }

  #foreign(name: string, owner: string) {
    return sluiceError('CONTAINER_FOREIGN', { name, engine: this.name, owner });
  }

  async #remove(name: string): Promise<void> {
    const replica = this.#existing(name);
    this.#containers.delete(name);
    if (replica.isRunning) {
      await replica.end();
      this.#tell('die', name, 137);
    }
    this.#tell('destroy', name);
  }

  #tell(kind: ReplicaEvent['kind'], name: string, exitCode: number | null = null): void {
    this.#events.push({ kind, name, at: new Date().toISOString(), exitCode });
    this.#changes.emit('change');
  }
}
