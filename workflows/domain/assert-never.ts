/** Fails to compile when a union gained a member that a switch does not handle; throws if untyped data reaches it. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
