import { execFile } from 'node:child_process';

const TIMEOUT_MS = 5_000;
const NUMBER = /\d+\.\d+(?:\.\d+)*/;

/** The first version number that `file` prints for `args`, whatever its exit code (mosquitto's help ends with 3). Throws when it prints none. */
export function readVersion(file: string, args: readonly string[], pattern: RegExp = NUMBER): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, [...args], { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const found = pattern.exec(stdout + stderr);
      const version = found?.[1] ?? found?.[0];
      if (version !== undefined) resolve(version);
      else reject(error ?? new Error(`${file} ${args.join(' ')} names no version`));
    });
  });
}
