const MAP = /(sourceMappingURL=data:application\/json;[^,]*base64,)([A-Za-z0-9+/=]+)/;

interface SourceMap {
  readonly sources: readonly string[];
}

/**
 * The bundle with sources named from the root of the project: its map holds absolute paths of the machine that built it.
 * Temporal's worker takes no bundle without a map.
 */
export function portableBundle(code: string, root: string): string {
  return code.replace(MAP, (_whole, head: string, encoded: string) => {
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMap;
    const portable = { ...map, sources: map.sources.map((source) => portableName(source, root)) };
    return head + Buffer.from(JSON.stringify(portable)).toString('base64');
  });
}

/** Installed modules may lie elsewhere, behind a link. What webpack left out is `ignored|FOLDER|FILE`. */
function portableName(source: string, root: string): string {
  return source.replace(/(?<=^|\|)\/[^|]*?\/(?=node_modules\/)/g, '').replace(`${root}/`, '');
}
