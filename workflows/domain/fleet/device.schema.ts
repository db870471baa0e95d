/** What a device is registered with: the one declaration behind `device add`, CSV and JSON. */
import { z } from 'zod';
import { isThingName } from '../ids.ts';

const MAX_TAGS = 64;

const HARDWARE = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:/+-]{0,62}[A-Za-z0-9._:/+-])?$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$/;
const TAG_NAME = /^(?!__)[A-Za-z_][A-Za-z0-9_.:/-]{0,63}$/;
// `;` separates tags in CSV; control characters have no place in a terminal.
const TAG_VALUE = /^[^;\p{Cc}]{0,256}$/u;

const Thing = z
  .string()
  .refine(isThingName, '1 to 128 characters of A-Z a-z 0-9 : _ -')
  .describe('Name of the device: its MQTT client id and user name');

export const Hardware = z
  .string()
  .regex(HARDWARE, '1 to 64 characters of A-Z a-z 0-9 space . _ : / + -')
  .describe('Hardware model; firmware names the models that it fits');

export const FirmwareVersion = z
  .string()
  .regex(VERSION, 'a version such as 1.0.0 (1 to 64 characters of A-Z a-z 0-9 . + _ -)')
  .describe('Version of a firmware');

const TagName = z.string().regex(TAG_NAME, 'a tag name: a letter or _, then up to 63 of A-Z a-z 0-9 _ . : / -');

const TagValue = z
  .string()
  .regex(TAG_VALUE, 'a tag value of up to 256 characters without ; or control characters')
  // Blanks at the ends would be lost in CSV.
  .refine((text) => text === text.trim(), 'a tag value without blanks at its ends');

const Tags = z
  .record(TagName, TagValue)
  .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `at most ${MAX_TAGS} tags`)
  .describe('Free names and values that filters see as device.tags.NAME');

export const DeviceRegistration = z
  .strictObject({ thing: Thing, hardware: Hardware, firmware: FirmwareVersion, tags: Tags.default({}) })
  .readonly();
export type DeviceRegistration = z.infer<typeof DeviceRegistration>;
