/** Each call gives the whole milliseconds since the call before, the first one since now. */
export function lapTimer(): () => number {
  let begunMs = performance.now();
  return () => {
    const nowMs = performance.now();
    const tookMs = Math.round(nowMs - begunMs);
    begunMs = nowMs;
    return tookMs;
  };
}
