import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sluiceError } from '#domain/errors/failure.ts';
import { answerRange } from './byte-range.ts';
import type { AuthenticateDevice } from './device-auth.ts';

export interface ArtifactRoutes {
  /** The folder that holds each artifact under its SHA-256. */
  readonly folder: string;
  readonly authenticate: AuthenticateDevice;
}

const SHA256 = /^[0-9a-f]{64}$/;
const ONE_YEAR_S = 31_536_000;

/** GET and HEAD /artifacts/{sha256}: the bytes, whole or in part, for devices that prove who they are. */
export function addArtifactRoutes(server: FastifyInstance, { folder, authenticate }: ArtifactRoutes): void {
  server.route<{ Params: { sha256: string } }>({
    method: ['GET', 'HEAD'],
    url: '/artifacts/:sha256',
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      await authenticate(request.headers.authorization);
      const { sha256 } = request.params;
      const file = join(folder, sha256);
      const size = SHA256.test(sha256) ? await sizeOf(file) : null;
      if (size === null) throw sluiceError('ARTIFACT_BYTES_UNKNOWN', { sha256 });
      return sendBytes(request, reply, { file, sha256, size });
    },
  });
}

interface Bytes {
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
}

function sendBytes(request: FastifyRequest, reply: FastifyReply, { file, sha256, size }: Bytes): FastifyReply {
  // The address is the content: an answer never goes stale, but it is for this device alone.
  const etag = `"${sha256}"`;
  reply.headers({
    'Accept-Ranges': 'bytes',
    'Cache-Control': `private, max-age=${ONE_YEAR_S}, immutable`,
    'Content-Type': 'application/octet-stream',
    ETag: etag,
  });
  if (request.headers['if-none-match']?.split(/,\s*/).includes(etag) === true) return reply.status(304).send();
  const ifRange = request.headers['if-range'];
  const range = answerRange(ifRange === undefined || ifRange === etag ? request.headers.range : undefined, size);
  if (range.kind === 'unsatisfiable') {
    reply.header('Content-Range', `bytes */${size}`).removeHeader('ETag');
    throw sluiceError('RANGE_NOT_SATISFIABLE', { range: request.headers.range ?? '', sizeBytes: size });
  }
  const [first, last] = range.kind === 'part' ? [range.first, range.last] : [0, size - 1];
  if (range.kind === 'part') reply.status(206).header('Content-Range', `bytes ${first}-${last}/${size}`);
  reply.header('Content-Length', last - first + 1);
  return request.method === 'HEAD' || size === 0
    ? reply.send()
    : reply.send(createReadStream(file, { start: first, end: last }));
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : null;
  } catch {
    return null;
  }
}
