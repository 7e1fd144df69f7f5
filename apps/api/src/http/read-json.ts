import { ApiError } from '../problem/api-error.js';
import { checkJsonShape } from './json-shape.js';

/** A rule may nest its conditions 64 levels deep, each an object in an array; nothing of ours needs more. */
const DEPTH_MAX = 500;
/** A thousand rules of 4 MiB have half of these. */
const CONTAINERS_MAX = 200_000;
const PROPERTIES_MAX = 1_000;
/** A rule set of a thousand rules fits; nothing that comes as JSON is larger, but for a message in it as one text. */
export const JSON_BYTES_MAX = 4 * 1024 * 1024;

const LIMITS = {
  depthMax: DEPTH_MAX,
  propertiesMax: PROPERTIES_MAX,
  containersMax: CONTAINERS_MAX,
  restBytesMax: JSON_BYTES_MAX,
};

/**
 * JSON (RFC 8259) in UTF-8, with or without a byte order mark. Errors: `ERR_JSON_MALFORMED`, also for bytes that are not
 * UTF-8, `ERR_JSON_TOO_DEEP`, and `ERR_BODY_TOO_LARGE` for what would take long to read.
 */
export function readJson(bytes: Uint8Array): unknown {
  const shape = checkJsonShape(bytes, LIMITS);
  if (shape === 'tooDeep') throw new ApiError('ERR_JSON_TOO_DEEP', { detail: { depthMax: DEPTH_MAX } });
  if (shape === 'tooLarge') throw new ApiError('ERR_BODY_TOO_LARGE');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    // The error of JSON.parse may quote the body: only where it stopped is taken from it.
    const where = placeOf(error);
    const code = 'ERR_JSON_MALFORMED';
    if (where === undefined) throw new ApiError(code);
    throw new ApiError(code, {
      problems: [{ pointer: '', code, message: `The body is not readable JSON: ${where}.` }],
    });
  }
}

/** In words; `undefined` where the parser does not say. */
function placeOf(error: unknown): string | undefined {
  const text = error instanceof SyntaxError ? error.message : '';
  if (text === 'Unexpected end of JSON input') return 'it ends too early';
  const [, line, column] = / in JSON at position \d+ \(line (\d+) column (\d+)\)$/.exec(text) ?? [];
  return line === undefined || column === undefined ? undefined : `line ${line}, column ${column}`;
}
