const SERVER_GOES_OR_COMES = new Set(['57P01', '57P02', '57P03', '08000', '08001', '08003', '08004', '08006']);
const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
const DRIVER = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error',
];

/** True when PostgreSQL could not be reached or left in the middle: the same query may pass when it is back. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (SERVER_GOES_OR_COMES.has(code) || SOCKET.has(code))) return true;
  // Errors of the driver itself carry no code; several addresses of one name come as an AggregateError.
  if (error instanceof AggregateError) return error.errors.some(isLostConnection);
  return DRIVER.some((text) => error.message.includes(text));
}
