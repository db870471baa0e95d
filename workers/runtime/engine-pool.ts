import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import type { EngineSecrets } from '../../activities/adapters/docker/client.ts';
import { connectEngine } from '../../activities/adapters/docker/engine.ts';
import { resolveSecret, type SecretSource } from '../../activities/adapters/secrets/resolve-secret.ts';

/** Engines by their addresses, each connected at its first use; one that did not answer is asked anew the next time. */
export class EnginePool {
  readonly #engines = new Map<string, Promise<ContainerEngine>>();
  readonly #secrets: SecretSource;

  constructor(secrets: SecretSource) {
    this.#secrets = secrets;
  }

  /** Throws ENGINE_UNREACHABLE, SECRET_UNRESOLVED. */
  get(address: EngineAddress): Promise<ContainerEngine> {
    const key = JSON.stringify(address);
    const known = this.#engines.get(key);
    if (known) return known;
    const connecting = this.#connect(address);
    this.#engines.set(key, connecting);
    connecting.catch(() => this.#engines.delete(key));
    return connecting;
  }

  async #connect(address: EngineAddress): Promise<ContainerEngine> {
    return connectEngine(address, await this.#secretsOf(address));
  }

  async #secretsOf({ way }: EngineAddress): Promise<EngineSecrets> {
    const read = async (ref: { readonly secretRef: string }) => (await resolveSecret(ref, this.#secrets)).reveal();
    if (way.kind === 'ssh') return { kind: 'ssh', key: await read(way.key), hostKey: way.hostKey };
    if (way.kind !== 'tcp' || way.tls === null) return { kind: 'none' };
    const { ca, certificate, key } = way.tls;
    return { kind: 'tls', ca: await read(ca), certificate: await read(certificate), key: await read(key) };
  }
}
