import { execFileSync } from 'node:child_process';
import { sluiceError } from '#domain/errors/failure.ts';

const NETWORKS = Array.from({ length: 250 }, (_, index) => `172.30.${index + 1}.`);

/** The bridge of that name with an address of its own; one that is there stays as it is. Throws COMPONENT_MISSING without `ip`, or without root. */
export function ensureBridge(name: string): void {
  const taken = ip('-o', '-4', 'addr');
  if (taken.includes(` ${name} `)) return;
  const network = NETWORKS.find((prefix) => !taken.includes(` ${prefix}`));
  if (network === undefined)
    throw sluiceError('COMPONENT_MISSING', { component: 'a free network', looked: '172.30.0.0/16' });
  ip('link', 'add', 'name', name, 'type', 'bridge');
  ip('addr', 'add', `${network}1/24`, 'dev', name);
  ip('link', 'set', name, 'up');
}

function ip(...args: string[]): string {
  try {
    return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    const hint = 'apt-get install iproute2, and run sluice up --with-docker as root';
    throw sluiceError(
      'COMPONENT_MISSING',
      { component: 'a network bridge', looked: `ip ${args.join(' ')}` },
      { hint, cause },
    );
  }
}
