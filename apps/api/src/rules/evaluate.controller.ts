import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request } from 'express';
import { AdapterError, placeCursor, placeOfCursor, type ApiKey } from '#lib/adapters';
import { evaluateDryRun, type DryRun, type DryRunInput } from '#lib/flow';
import type { RuleRange } from '#lib/rules';
import { NeedsScope } from '../auth/access.js';
import { Caller } from '../http/api-request.js';
import { BodySlots } from '../http/body-slots.js';
import { mediaTypeOf } from '../http/media-type.js';
import { LIMIT_DEFAULT } from '../http/page-query.dto.js';
import { readBody } from '../http/request-body.js';
import { readDto } from '../http/read-dto.js';
import { JSON_BYTES_MAX, readJson } from '../http/read-json.js';
import { Answers, NO_JSON, NO_KEYS, Refuses } from '../openapi/answers.js';
import { TakesBody } from '../openapi/takes-body.js';
import { Platform } from '../platform.js';
import { invalid, type RequestProblem } from '../problem/api-error.js';
import { dryRunExample, evaluateExample, messageTextExample } from './evaluate-example.js';
import { DryRunDto, EnvelopeQueryDto, EvaluateDto } from './evaluate.dto.js';
import { inlineRules } from './inline-rules.js';

/** Each holds a whole message in memory. */
const AT_ONCE_MAX = 8;

type Question = Pick<DryRunInput, 'raw' | 'mailFrom' | 'rcptTo' | 'ruleSet' | 'isTrusted'> & PageOfRules;

@ApiTags('Rules')
@ApiExtraModels(EvaluateDto)
@Controller('v1/rules')
export class EvaluateController {
  private readonly slots = new BodySlots(AT_ONCE_MAX);

  constructor(private readonly platform: Platform) {}

  @Post('evaluate')
  @HttpCode(200)
  @NeedsScope('rules:read')
  @ApiOperation({
    operationId: 'evaluateRules',
    summary: 'Say what rules would do with a message',
    description: 'A dry run: nothing is kept or sent. Judged as if the message had come by `POST /v1/messages` now.',
  })
  @TakesBody({
    'message/rfc822': { schema: { type: 'string', format: 'binary' }, example: messageTextExample },
    'application/json': { schema: { $ref: getSchemaPath(EvaluateDto) }, example: evaluateExample },
  })
  @Answers(200, DryRunDto, { description: 'The verdict, explained.', example: dryRunExample })
  @Refuses(
    ...NO_JSON,
    ...NO_KEYS,
    'ERR_CURSOR_INVALID',
    'ERR_JUDGE_TIMEOUT',
    'ERR_JUDGE_UNAVAILABLE',
    'ERR_JUDGE_CRASHED',
    'ERR_JUDGE_FAILED',
    'ERR_SERVER_BUSY',
  )
  async evaluate(
    @Caller() { organizationId }: ApiKey,
    @Query() query: EnvelopeQueryDto,
    @Req() request: Request,
  ): Promise<DryRun & { readonly nextCursor?: string | null }> {
    const type = mediaTypeOf(request, ['message/rfc822', 'application/json']);
    const { stores, judge, kms, clock, config } = this.platform;
    const sizeBytesMax = config.limits.messageSizeBytesMax;
    return await this.slots.use(async () => {
      const ruleSet = await stores.rules.current(organizationId);
      const question =
        type === 'application/json'
          ? await asJson(request, sizeBytesMax, ruleSet, query)
          : { ...envelopeOf(query), raw: await readBody(request, sizeBytesMax), ruleSet };
      const range = rangeOf(question, question.ruleSet);
      const dryRun = await evaluateDryRun(
        { judge, keys: stores.keys, directory: stores.directory, lists: stores.sharedLists, kms, clock },
        { organizationId, ...question, ...(range === undefined ? {} : { range }) },
      );
      return range === undefined ? dryRun : { ...dryRun, nextCursor: nextOf(range, question.ruleSet) };
    });
  }
}

async function asJson(
  request: Request,
  sizeBytesMax: number,
  stored: DryRunInput['ruleSet'],
  query: EnvelopeQueryDto,
): Promise<Question> {
  const body = readJson(await readBody(request, Math.ceil(sizeBytesMax / 3) * 4 + JSON_BYTES_MAX));
  const { dto, problems } = await readDto(EvaluateDto, body);
  const found: RequestProblem[] = [...problems, ...misplaced(query)];
  const inline = Array.isArray(dto.rules) ? inlineRules(dto.rules, stored.content.settings) : stored;
  if ('problems' in inline) found.push(...inline.problems);
  const raw = typeof dto.raw === 'string' ? Buffer.from(dto.raw, 'base64') : Buffer.alloc(0);
  if (raw.length > sizeBytesMax) {
    found.push({ pointer: '/raw', code: 'ERR_VALUE_INVALID', message: `must have at most ${sizeBytesMax} bytes` });
  }
  if (found.length > 0 || 'problems' in inline) throw invalid(...found);
  const isTrusted = dto.connection?.trusted;
  return { ...envelopeOf(dto), raw, ruleSet: inline, ...(isTrusted === undefined ? {} : { isTrusted }) };
}

function envelopeOf(dto: EnvelopeQueryDto): Pick<Question, 'mailFrom' | 'rcptTo'> & PageOfRules {
  const { mailFrom, rcptTo, limit, cursor } = dto;
  return {
    ...(mailFrom === undefined ? {} : { mailFrom }),
    ...(rcptTo === undefined ? {} : { rcptTo }),
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** So much of a rule set's hash tells it from the one that a page was begun with. */
const HASH_CHARS = 16;

type PageOfRules = Pick<EnvelopeQueryDto, 'limit' | 'cursor'>;
type RuleSet = DryRunInput['ruleSet'];

/** The rules that are asked for; all if no page is. Error: `ERR_CURSOR_INVALID`, also where the rules are others by now. */
function rangeOf({ limit, cursor }: PageOfRules, { hash }: RuleSet): RuleRange | undefined {
  if (cursor === undefined) return limit === undefined ? undefined : { first: 0, count: limit };
  const [of, first] = placeOfCursor(cursor);
  if (of !== hash.slice(0, HASH_CHARS)) throw new AdapterError('ERR_CURSOR_INVALID');
  return { first, count: limit ?? LIMIT_DEFAULT };
}

function nextOf({ first, count }: RuleRange, { hash, content }: RuleSet): string | null {
  const next = first + count;
  return next < content.rules.length ? placeCursor(hash.slice(0, HASH_CHARS), next) : null;
}

/** With JSON the envelope stands in the body. */
function misplaced(query: EnvelopeQueryDto): RequestProblem[] {
  return Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => ({
      pointer: `/${name}`,
      code: 'ERR_VALUE_INVALID',
      message: 'stands in the body if that is JSON',
    }));
}
