import { hash } from 'node:crypto';
import type { Arm } from '#domain/containers/route.ts';

const FORBIDDEN = /[^A-Za-z0-9_.-]/g;

/** The route's name in HAProxy, which takes fewer characters than we do: two keys never share one. */
export function routeName(key: string): string {
  const name = key.replace(FORBIDDEN, '_');
  return name === key ? name : `${name}-${hash('sha256', key).slice(0, 8)}`;
}

export const frontendName = (key: string): string => `fe_${routeName(key)}`;
export const previewName = (key: string): string => `pv_${routeName(key)}`;
export const backendName = (key: string, arm: Arm): string => `be_${routeName(key)}_${arm}`;
