/** What is said about firmware bytes when they are added; the bytes themselves are named by their SHA-256. */
import { z } from 'zod';
import { isSha256 } from '../ids.ts';
import { FirmwareVersion, Hardware } from './device.schema.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const ArtifactName = z
  .string()
  .regex(NAME, '1 to 64 characters of A-Z a-z 0-9 . _ -')
  .describe('Name of the firmware; name and version together never mean other bytes');

export const ArtifactLabel = z
  .strictObject({
    name: ArtifactName,
    version: FirmwareVersion,
    hardware: z
      .array(Hardware)
      .min(1, 'at least one hardware model')
      // One order for one meaning: the signature covers the list as it stands.
      .transform((models) => [...new Set(models)].sort())
      .describe('Hardware models the firmware fits'),
    minimumVersion: FirmwareVersion.nullable().default(null).describe('Oldest firmware a device may come from'),
    sha256: z
      .string()
      .transform((text) => text.toLowerCase())
      .refine(isSha256, '64 hexadecimal digits')
      .nullable()
      .default(null)
      .describe('What the bytes must hash to; nothing is stored when they do not'),
  })
  .readonly();
export type ArtifactLabel = z.infer<typeof ArtifactLabel>;

/** Where the bytes came from; holds no path of a machine and no secret of an address. */
export type ArtifactSource =
  | { readonly kind: 'file'; readonly file: string }
  /** `finalUrl` is where the bytes were in the end; another one than `url` when that redirects. */
  | { readonly kind: 'url'; readonly url: string; readonly finalUrl: string };

/** How the bytes came in, kept for as long as the artifact. */
export interface Provenance {
  readonly source: ArtifactSource;
  readonly sizeBytes: number;
  readonly by: string;
  /** False until sign-in vouches for the name. */
  readonly verified: boolean;
  /** ISO 8601, UTC. */
  readonly at: string;
}
