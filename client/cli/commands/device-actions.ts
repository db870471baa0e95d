import { sluiceError } from '#domain/errors/failure.ts';
import { placeOfRow } from '#domain/fleet/import-row.ts';
import { addDevice as add } from '../../engine/devices/add-device.ts';
import { awaitCredentials, type CredentialsState } from '../../engine/devices/await-credentials.ts';
import {
  awaitAllCredentials,
  credentialsOfDevice,
  credentialsOfGroup,
} from '../../engine/devices/device-credentials.ts';
import { deviceDocument, deviceViewDocument, registeredDocument } from '../../engine/devices/device-document.ts';
import { importDevices as importFile } from '../../engine/devices/import-devices.ts';
import { listDevices as list } from '../../engine/devices/list-devices.ts';
import { showDevice as show } from '../../engine/devices/show-device.ts';
import type { CliContext } from '../context.ts';
import { lookOf } from '../look.ts';
import { renderAdded, renderCredentials, renderDevice, renderDevices, renderImport } from '../render/device.ts';
import { concludeWith, type Conclusion } from './conclude.ts';

export interface AddOptions {
  readonly hardware: string;
  readonly firmware: string;
  readonly tag?: Readonly<Record<string, string>>;
  /** False with --no-tags. */
  readonly tags: boolean;
}

export interface ListOptions {
  readonly group?: string;
  readonly hardware?: string;
  readonly filter?: string;
  readonly limit: number;
}

export interface CredentialsOptions {
  readonly group?: string;
}

/** Rows after which an import says how far it is. */
const PROGRESS_ROWS = 20_000;

export async function addDevice(context: CliContext, thing: string, options: AddOptions): Promise<void> {
  const { hardware, firmware, tag = null, tags: keepsTags } = options;
  const registered = await add(context.deps(), { thing, hardware, firmware, tags: keepsTags ? tag : (tag ?? {}) });
  const credentials = await awaitCredentials(context.deps(), registered.credentialsWanted);
  const document = { thing, ...registeredDocument(registered, credentials), changes: registered.changes };
  conclude(context, credentials, { data: document, text: renderAdded(thing, registered) });
}

export async function importDevices(context: CliContext, file: string): Promise<void> {
  const deps = context.deps();
  const onProgress = ({ added, updated, unchanged }: { added: number; updated: number; unchanged: number }): void => {
    const rows = added + updated + unchanged;
    if (rows % PROGRESS_ROWS === 0) context.note(`${rows} devices …`);
  };
  const report = await importFile(deps, { file, onProgress });
  const credentials = await awaitCredentials(deps, report.credentialsWanted);
  const { refused } = report;
  const data = { ...registeredDocument(report, credentials), refused };
  const result = { data, text: renderImport(report) };
  if (refused.length === 0) return conclude(context, credentials, result);
  noteCredentials(context, credentials);
  const kept = report.added + report.updated + report.unchanged;
  const where = `${file}: ${placeOfRow(refused[0] ?? { line: 0 })}`;
  concludeWith(context, result, sluiceError('IMPORT_ROWS_REFUSED', { refused: refused.length, kept }, { where }));
}

export async function listDevices(context: CliContext, options: ListOptions): Promise<void> {
  const { group = null, hardware = null, filter = null, limit } = options;
  const { devices, complete } = await list(context.deps(), { group, hardware, filter }, limit);
  const text = renderDevices(devices, lookOf(context));
  const more = complete ? '' : `\n… and more: --limit ${limit} · --filter narrows it`;
  context.print({ devices: devices.map(deviceDocument), complete }, text + more);
}

export async function showDevice(context: CliContext, thing: string): Promise<void> {
  const view = await show(context.deps(), thing);
  context.print(deviceViewDocument(view), renderDevice(view, lookOf(context)));
}

export async function printCredentials(
  context: CliContext,
  thing: string | undefined,
  { group }: CredentialsOptions,
): Promise<void> {
  if ((thing === undefined) === (group === undefined)) {
    throw sluiceError(
      'USAGE',
      { why: 'name one device, or one group with --group' },
      { where: 'sluice device credentials' },
    );
  }
  const deps = context.deps();
  const result = await (thing === undefined ? ofGroup(context, group ?? '') : ofDevice(context, thing));
  conclude(context, await awaitAllCredentials(deps), result);
}

async function ofDevice(context: CliContext, thing: string): Promise<Conclusion> {
  const one = await credentialsOfDevice(context.deps(), thing);
  return { data: one, text: renderCredentials([one]) };
}

async function ofGroup(context: CliContext, group: string): Promise<Conclusion> {
  const devices = await credentialsOfGroup(context.deps(), group);
  return { data: { devices }, text: renderCredentials(devices) };
}

/** Prints the result; when the broker did not take new devices in time, that is the end of it. */
function conclude(context: CliContext, credentials: CredentialsState, result: Conclusion): void {
  noteCredentials(context, credentials);
  if (credentials.kind !== 'not-applied') return context.print(result.data, result.text);
  concludeWith(context, result, sluiceError('CREDENTIALS_NOT_APPLIED', { waitedMs: credentials.waitedMs }));
}

/** Says so when new devices cannot sign in yet because nothing runs that could let them. */
function noteCredentials(context: CliContext, { kind }: CredentialsState): void {
  if (kind === 'with-next-start') context.note('their credentials become valid with: npx sluice up');
}
