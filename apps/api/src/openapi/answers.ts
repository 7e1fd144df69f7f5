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

/** What every route that needs a key can answer. */
const ALWAYS: readonly ErrorCode[] = [
  'ERR_API_KEY_MISSING',
  'ERR_API_KEY_INVALID',
  'ERR_SCOPE_MISSING',
  'ERR_RATE_EXCEEDED',
  'ERR_STARTING',
  'ERR_DATABASE_AWAY',
  'ERR_SERVER_FAILED',
];

/** What every route that takes JSON can answer to its body. */
export const NO_JSON = [
  'ERR_JSON_MALFORMED',
  'ERR_JSON_TOO_DEEP',
  'ERR_REQUEST_CANCELLED',
  'ERR_BODY_TOO_LARGE',
  'ERR_MEDIA_TYPE_UNSUPPORTED',
  'ERR_REQUEST_INVALID',
] as const;

/** What every list can answer to its query. */
export const NO_PAGE = ['ERR_REQUEST_INVALID', 'ERR_CURSOR_INVALID'] as const;

/** The errors that a route answers besides those of every route, each status with an example. */
export function Refuses(...codes: readonly ErrorCode[]): MethodDecorator {
  return refusals([...codes, ...ALWAYS]);
}

/** The same for a route that needs no key. */
export function RefusesOpenly(...codes: readonly ErrorCode[]): MethodDecorator {
  return refusals(codes);
}

function refusals(codes: readonly ErrorCode[]): MethodDecorator {
  const byStatus = Map.groupBy(codes, statusOf);
  const responses = [...byStatus].map(([status, of]) =>
    ApiResponse({
      status,
      description: of.map((code) => `\`${code}\`: ${errorText(code)}`).join('\n\n'),
      content: {
        'application/problem+json': {
          schema: { $ref: getSchemaPath(ProblemDto) },
          examples: Object.fromEntries(of.map((code) => [code, { value: exampleOf(code, status) }])),
        },
      },
      ...(status === 429 || status === 503 || status === 507 ? { headers: { 'Retry-After': SECONDS } } : {}),
    }),
  );
  return applyDecorators(ApiExtraModels(ProblemDto), ...responses);
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
