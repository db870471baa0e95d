// A stack with firmware in three versions, for rollouts while its processes die.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addArtifact } from '../../../client/engine/artifacts/add-artifact.ts';
import { freePorts } from '../servers/ports.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { KillableStack, STACK_PORTS } from './killable-stack.ts';

export const VERSIONS = { before: '1.0.0', good: '1.1.0', bad: '1.2.0' } as const;
export const FIRMWARE = 'edge';
export const HARDWARE = 'edge-a';

const FIRMWARE_BYTES = 32 * 1024;

export class CrashWorld extends KillableStack {
  /** Starts the stack and adds the three versions of the firmware. */
  static async open(): Promise<CrashWorld> {
    const world = new CrashWorld(makeTempFolder('crash'), await freePorts(STACK_PORTS));
    try {
      await world.startUp();
      for (const version of Object.values(VERSIONS)) await world.#addFirmware(version);
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #addFirmware(version: string): Promise<void> {
    const source = join(this.folder.path, `${FIRMWARE}-${version}.bin`);
    mkdirSync(this.folder.path, { recursive: true });
    writeFileSync(source, bytesOf(version));
    const label = { name: FIRMWARE, version, hardware: [HARDWARE], minimumVersion: null, sha256: null };
    const by = { name: 'lin', roles: [], verified: false };
    await addArtifact(this.deps, { source, label, signingKeyFile: null, by });
  }
}

function bytesOf(version: string): Buffer {
  const blocks = Array.from({ length: FIRMWARE_BYTES / 32 }, (_, block) =>
    createHash('sha256').update(`${version} ${block}`).digest(),
  );
  return Buffer.concat(blocks);
}
