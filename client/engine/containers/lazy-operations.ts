import type { Client } from '@temporalio/client';
import type { ContainerOperations } from '#domain/ports/container-operations.port.ts';

/** Asks the worker; what that needs is loaded with the first question, so that other commands start without it. */
export class LazyOperations implements ContainerOperations {
  readonly #connect: () => Promise<Client>;
  readonly #address: string;

  constructor(connect: () => Promise<Client>, address: string) {
    this.#connect = connect;
    this.#address = address;
  }

  async resolveImage(...args: Parameters<ContainerOperations['resolveImage']>) {
    return (await this.#worker()).resolveImage(...args);
  }

  async observeEnvironment(...args: Parameters<ContainerOperations['observeEnvironment']>) {
    return (await this.#worker()).observeEnvironment(...args);
  }

  async readLogs(...args: Parameters<ContainerOperations['readLogs']>) {
    return (await this.#worker()).readLogs(...args);
  }

  async validateEnvironment(...args: Parameters<ContainerOperations['validateEnvironment']>) {
    return (await this.#worker()).validateEnvironment(...args);
  }

  async #worker(): Promise<ContainerOperations> {
    const { askWorker } = await import('./ask-worker.ts');
    return askWorker(this.#connect, this.#address);
  }
}
