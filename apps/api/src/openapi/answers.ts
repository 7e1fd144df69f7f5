import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { errorText } from '../problem/error-text.js';
import { detailOf, problemsOf } from '../problem/problem.js';
import { statusOf, type ErrorCode } from '../problem/problem-table.js';

class RequestProblemDto {
  @ApiProperty({
    description:
      'JSON pointer (RFC 6901) into the body; for a query or a header `/` and its name; empty where it is about the whole.',
  })
  pointer!: string;

  @ApiProperty({ description: 'Stable code of this problem.' })
  code!: string;

  @ApiProperty({ description: 'What must be so.' })
  message!: string;
}

/** RFC 9457. */
export class ProblemDto {
  @ApiProperty({ format: 'uri-reference', description: 'A page that says what the code means.' })
  type!: string;

  @ApiProperty()
  title!: string;

  @ApiProperty({ type: 'integer' })
  status!: number;

  @ApiProperty()
  detail!: string;

  @ApiProperty()
  code!: string;

  @ApiProperty({
    type: () => [RequestProblemDto],
    required: false,
    description: 'With 400 and 422: every problem at once, and at least one.',
  })
  errors?: RequestProblemDto[];
}

/** What every route can answer, before it is known which one is asked. */
const EVERYWHERE: readonly ErrorCode[] = [
  'ERR_REQUEST_MALFORMED',
  'ERR_REQUEST_TIMEOUT',
  'ERR_RATE_EXCEEDED',
  'ERR_REQUEST_HEAD_TOO_LARGE',
  'ERR_SERVER_FAILED',
];

/** What every route answers that needs what stands behind the API. */
export const NO_PLATFORM = [
  'ERR_STARTING',
  'ERR_DATABASE_AWAY',
  'ERR_DATABASE_BUSY',
  'ERR_DATABASE_UNMIGRATED',
] as const;

/** What every route that needs a key can answer. */
const ALWAYS: readonly ErrorCode[] = [
  'ERR_API_KEY_MISSING',
  'ERR_API_KEY_INVALID',
  'ERR_SCOPE_MISSING',
  ...NO_PLATFORM,
];

/** What every route that opens or seals content can answer. */
export const NO_KEYS = ['ERR_KMS_UNAVAILABLE', 'ERR_KMS_KEY_MISSING'] as const;

/** What every route that takes a message in can answer. */
export const NO_KEEPING = [...NO_KEYS, 'ERR_BLOB_UNAVAILABLE', 'ERR_BLOB_DISK_FULL', 'ERR_DATABASE_FULL'] as const;

/** What every route that takes JSON can answer to its body, and to keeping it. */
export const NO_JSON = [
  'ERR_JSON_MALFORMED',
  'ERR_JSON_TOO_DEEP',
  'ERR_REQUEST_CANCELLED',
  'ERR_BODY_TOO_LARGE',
  'ERR_MEDIA_TYPE_UNSUPPORTED',
  'ERR_REQUEST_INVALID',
  'ERR_DATABASE_VALUE',
  'ERR_DATABASE_FULL',
] as const;

/** What every list can answer to its query. */
export const NO_PAGE = ['ERR_REQUEST_INVALID', 'ERR_CURSOR_INVALID'] as const;

/** A code, with its status where the peer decides which that is. */
type Refusal = ErrorCode | readonly [code: ErrorCode, status: number];

/** The errors that a route answers besides those of every route, each status with an example. */
export function Refuses(...codes: readonly Refusal[]): MethodDecorator {
  return refusals([...codes, ...ALWAYS, ...EVERYWHERE]);
}

/** The same for a route that needs no key. */
export function RefusesOpenly(...codes: readonly Refusal[]): MethodDecorator {
  return refusals([...codes, ...EVERYWHERE]);
}

function refusals(codes: readonly Refusal[]): MethodDecorator {
  const pairs = codes.map((one) => (typeof one === 'string' ? ([one, statusOf(one)] as const) : one));
  const byStatus = Map.groupBy(pairs, ([, status]) => status);
  const responses = [...byStatus]
    .map(([status, of]) => [status, [...new Set(of.map(([code]) => code))]] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([status, of]) =>
      ApiResponse({
        status,
        description: of.map((code) => `\`${code}\`: ${errorText(code)}`).join('\n\n'),
        content: {
          'application/problem+json': {
            schema: { $ref: getSchemaPath(ProblemDto) },
            examples: Object.fromEntries(
              of.map((code) => [exampleName(code, status), { value: exampleOf(code, status) }]),
            ),
          },
        },
        ...(status === 429 || status === 503 || status === 507 ? { headers: { 'Retry-After': SECONDS } } : {}),
      }),
    );
  return applyDecorators(ApiExtraModels(ProblemDto), ...responses);
}

/** Its code; with the status where that is not the usual one. Examples of one name stand in the file once. */
function exampleName(code: ErrorCode, status: number): string {
  return status === statusOf(code) ? code : `${code}_${status}`;
}

const SECONDS = { description: 'Seconds to wait.', schema: { type: 'integer' as const } };

function exampleOf(code: ErrorCode, status: number): object {
  const title = errorText(code);
  const problem = { type: `/problems/${code}`, title, status, detail: title, code };
  const missing = { pointer: '/name', code: 'ERR_PROPERTY_MISSING', message: 'is needed: must be a text' };
  const errors = code === 'ERR_REQUEST_INVALID' ? [missing] : problemsOf({ code, publicText: title }, status);
  const [first] = errors;
  return first === undefined ? problem : { ...problem, detail: detailOf(title, errors), errors };
}

/** The answer of a route, with an example. */
export function Answers(
  status: number,
  type: Type | undefined,
  more: {
    readonly description: string;
    readonly example?: unknown;
    readonly headers?: readonly ('ETag' | 'Location')[];
  },
): MethodDecorator {
  const headers = Object.fromEntries((more.headers ?? []).map((name) => [name, HEADERS[name]]));
  const content =
    type === undefined
      ? {}
      : {
          content: {
            'application/json': {
              schema: { $ref: getSchemaPath(type) },
              ...(more.example === undefined ? {} : { example: more.example }),
            },
          },
        };
  return applyDecorators(
    ...(type === undefined ? [] : [ApiExtraModels(type)]),
    ApiResponse({ status, description: more.description, headers, ...content }),
  );
}

const HEADERS = {
  ETag: { description: 'The version, for If-Match: `"3"`.', schema: { type: 'string' as const } },
  Location: { description: 'Where it is.', schema: { type: 'string' as const } },
};

/** The route needs If-Match. */
export const NeedsIfMatch = (): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    required: true,
    description: 'The ETag of the version that is to be changed, or `*` for whatever is there.',
    schema: { type: 'string', example: '"3"' },
  });
