import type { SecretRef } from '../plan/health-check.ts';

/** A Docker Engine of an environment and the way to it. */
export interface EngineAddress {
  readonly name: string;
  readonly way:
    | { readonly kind: 'socket'; readonly path: string }
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: EngineTls | null }
    | {
        readonly kind: 'ssh';
        readonly host: string;
        readonly port: number;
        readonly user: string;
        readonly key: SecretRef;
        /** `SHA256:…` of the server’s key; null trusts whoever answers. */
        readonly hostKey: string | null;
      };
  /**
   * `bridge`: the router reaches containers by their own address, so the engine is on its machine.
   * `published`: by a port of the engine's host, under which the router reaches that host.
   */
  readonly reach: { readonly kind: 'bridge' } | { readonly kind: 'published'; readonly host: string };
}

/** PEM texts by reference. */
export interface EngineTls {
  readonly ca: SecretRef;
  readonly certificate: SecretRef;
  readonly key: SecretRef;
}
