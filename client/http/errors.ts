import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Code } from '#domain/errors/catalogue.ts';
import { sluiceError, SluiceError } from '#domain/errors/failure.ts';

// Where HTTP has a more exact status than the error's kind.
const EXACT_STATUS: Readonly<Partial<Record<Code, number>>> = {
  DEVICE_NOT_AUTHENTICATED: 401,
  RANGE_NOT_SATISFIABLE: 416,
};

/** Answers with the catalogue's error as JSON; what is not in the catalogue is INTERNAL and logged. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = asCatalogued(error);
  if (failure.code === 'INTERNAL') request.log.error({ err: error }, 'request failed');
  if (failure.code === 'DEVICE_NOT_AUTHENTICATED') reply.header('WWW-Authenticate', 'Basic realm="sluice"');
  const { code, message, where, found, hint } = failure.report;
  return reply
    .status(EXACT_STATUS[failure.code] ?? failure.httpStatus)
    .header('Cache-Control', 'no-store')
    .type('application/json')
    .send({ error: { code, message, where, found, hint } });
}

function asCatalogued(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const { code, severity, statusCode } = error as { code?: unknown; severity?: unknown; statusCode?: unknown };
  const why = error instanceof Error ? error.message : String(error);
  if (severity !== undefined || code === 'ECONNREFUSED' || /connect|terminat/i.test(why)) {
    return sluiceError('DATABASE_ERROR', { why }, { cause: error });
  }
  if (typeof statusCode === 'number' && statusCode < 500) return sluiceError('USAGE', { why }, { cause: error });
  return sluiceError('INTERNAL', { why }, { cause: error });
}
