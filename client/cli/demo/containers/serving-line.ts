import type { Answers } from './clients.ts';

const CELLS = 20;
const BLOCKS = ['█', '▒', '░'];

/** `   1.0.0 ██████████████████░░ 1.1.0    1.1.0 10 %`: who gave the last answers. The key changes with the share's tens. */
export function servingLine({ recent, requests }: Answers): { readonly key: string; readonly text: string } {
  const versions = Object.keys(recent).sort();
  const total = Object.values(recent).reduce((sum, count) => sum + count, 0);
  const shares = versions.map((version) => (total === 0 ? 0 : (recent[version] ?? 0) / total));
  const cells = shares.map((share, index) => (BLOCKS[index] ?? '·').repeat(Math.round(share * CELLS)));
  const named = versions.map((version, index) => `${version} ${Math.round((shares[index] ?? 0) * 100)} %`);
  const key = shares.map((share) => Math.round(share * 10)).join('/');
  return { key, text: `   ${cells.join('')}  ${named.join(' · ')}   (${requests} requests)` };
}
