/** What lies at the bottom of an error, in words: `fetch failed` and the like say nothing themselves. Shown only after redaction. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return causeOf(error.cause);
  // Several addresses of one name, each with its own reason.
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
