/** `12@host`, and with a digest behind it: how a process names itself and its sticky queue unless it is told otherwise. */
const PROCESS = /"\d+@[^"]*?(-[0-9a-f]{32})?"/g;

/** A history without the folder of stack traces and without the names of machine and processes that recorded it. */
export const neutral = (history: string, folder: string): string =>
  history
    .replaceAll(`${folder}/`, '')
    .replace(PROCESS, (_all, digest: string | undefined) => `"recorder${digest ?? ''}"`);
