import { closeSync, openSync, readSync } from 'node:fs';
import { sluiceError } from '#domain/errors/failure.ts';

/** Where Debian puts it; a static one is all that a small image needs. */
const BUSYBOX = '/bin/busybox';

const HEADER_BYTES = 4_096;
/** Named in the header of each program that cannot start without the system's libraries. */
const LOADER = /\/ld-(linux|musl)/;

/** The static busybox of this machine. Throws COMPONENT_MISSING when there is none, or one that needs libraries. */
export function findBusybox(file = BUSYBOX): string {
  const header = headerOf(file);
  if (header !== null && !LOADER.test(header)) return file;
  const looked = header === null ? file : `${file} needs libraries`;
  const hint = 'npx sluice setup installs it (apt-get install busybox-static)';
  throw sluiceError('COMPONENT_MISSING', { component: 'a static busybox', looked }, { hint });
}

function headerOf(file: string): string | null {
  try {
    const handle = openSync(file, 'r');
    const bytes = Buffer.alloc(HEADER_BYTES);
    const read = readSync(handle, bytes, 0, HEADER_BYTES, 0);
    closeSync(handle);
    return bytes.toString('latin1', 0, read);
  } catch {
    return null;
  }
}
