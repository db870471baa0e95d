/** The file of a registry without accounts that listens on `address` and keeps `images`: JSON is YAML, and needs no quoting of paths. */
export const registryConfiguration = (address: string, images: string): string =>
  JSON.stringify({
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: images }, delete: { enabled: true } },
    http: { addr: address },
  });
