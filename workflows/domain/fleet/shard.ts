/** Brokers (and so gateways) that share the fleet. */
const SHARDS = 1;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over UTF-16 units, 32 bits, unsigned: stable in every process, no cryptography. */
export function fnv1a(text: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash >>> 0;
}

/** The shard, from 0, whose broker serves `thing`. A change of `shards` moves devices: all of them connect anew. */
export const shardOf = (thing: string, shards: number = SHARDS): number => fnv1a(thing) % shards;
