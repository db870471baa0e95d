/** `1 device`, `20 devices`; a noun whose plural takes more than an s gives it. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;
