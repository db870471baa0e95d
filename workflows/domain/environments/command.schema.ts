import { z } from 'zod';
import { hasCredentialsInside } from './credentials-inside.ts';
import { script, text } from './fields.schema.ts';

/** What a person wants to have run: a line for `sh -c`, or a program and its arguments. */
export const commandLine = z
  .union([script('a command line'), z.tuple([text('a command')], script('an argument'))], {
    error: 'a command line, or a list of a command and its arguments',
  })
  .refine((line) => !hasCredentialsInside(typeof line === 'string' ? line : line.join(' ')), {
    error: 'a command without a password or token in it (give it under env and write $NAME)',
  });
