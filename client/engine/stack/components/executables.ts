import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Every place of `name` that PATH names, first first; whether it exists there is not looked at. */
export function onPath(name: string, env: NodeJS.ProcessEnv = process.env): string[] {
  return (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
