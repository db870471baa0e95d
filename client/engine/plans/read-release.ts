import type { Problem } from '#domain/environments/problem.ts';
import { RELEASE_CONFIG_KEYS, ReleaseFile } from '#domain/plan/release-file.schema.ts';
import { checkDocument, refusal } from '../environments/read-document.ts';

/** Whether a plan file is that of a release: only those name an application. */
export const isRelease = (document: unknown): document is object =>
  typeof document === 'object' && document !== null && 'application' in document;

/** The file of a release. Throws CONFIG_INVALID with every problem. */
export function checkRelease(document: object, fileName: string): ReleaseFile {
  const misplaced = Object.keys(document).filter((key) => RELEASE_CONFIG_KEYS.includes(key));
  if (misplaced.length > 0) throw refusal(misplaced.map(oneLevelUp), fileName);
  return checkDocument(ReleaseFile, document, fileName);
}

const oneLevelUp = (key: string): Problem => ({
  path: key,
  expected: 'nothing here',
  got: 'a key of config',
  fix: `Write it below config: config.${key}.`,
});
