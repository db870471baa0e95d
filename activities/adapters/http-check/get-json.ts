const MOST_BYTES = 1_048_576;

/** The JSON that `url` answers with status 200, at most 1 MiB of it. Throws in words when there is none. */
export async function getJson(url: string, bounds: { readonly timeoutMs: number; readonly signal: AbortSignal }) {
  const limit = AbortSignal.timeout(bounds.timeoutMs);
  const signal = AbortSignal.any([bounds.signal, limit]);
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (response.status !== 200) throw new Error(`${response.status} instead of 200`);
  const text = await response.text();
  if (text.length > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES} characters`);
  return JSON.parse(text) as unknown;
}
