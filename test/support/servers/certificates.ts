// Certificates of an authority of its own, for engines that want to know who asks.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../requires.ts';

needs('openssl', () => execFileSync('openssl', ['version']));

export interface Certificates {
  /** Of PEM files. */
  readonly files: { readonly ca: string; readonly certificate: string; readonly key: string };
  /** The PEM texts of a client. */
  readonly client: { readonly ca: string; readonly certificate: string; readonly key: string };
}

/** Writes an authority, a server's certificate for 127.0.0.1 and a client's into `folder`. Takes about 0.1 s. */
export function makeCertificates(folder: string): Certificates {
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority of a test');
  const sign = (name: string, extension: string) => {
    writeFileSync(path(`${name}.ext`), extension);
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...authority,
      '-days',
      '2',
      '-out',
      `${name}.pem`,
      '-extfile',
      `${name}.ext`,
    );
  };
  sign('server', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  sign('client', 'extendedKeyUsage=clientAuth\n');
  const text = (name: string): string => readFileSync(path(name), 'utf8');
  return {
    files: { ca: path('ca.pem'), certificate: path('server.pem'), key: path('server.key') },
    client: { ca: text('ca.pem'), certificate: text('client.pem'), key: text('client.key') },
  };
}
