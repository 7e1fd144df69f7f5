import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request } from 'express';
import type { ApiKey } from '#lib/adapters';
import { evaluateDryRun, type DryRun, type DryRunInput } from '#lib/flow';
import { NeedsScope } from '../auth/access.js';
import { Caller } from '../http/api-request.js';
import { BodySlots } from '../http/body-slots.js';
import { mediaTypeOf } from '../http/media-type.js';
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

type Question = Pick<DryRunInput, 'raw' | 'mailFrom' | 'rcptTo' | 'ruleSet' | 'isTrusted'>;

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
  ): Promise<DryRun> {
    const type = mediaTypeOf(request, ['message/rfc822', 'application/json']);
    const { stores, judge, kms, clock, config } = this.platform;
    const sizeBytesMax = config.limits.messageSizeBytesMax;
    return await this.slots.use(async () => {
      const ruleSet = await stores.rules.current(organizationId);
      const question =
        type === 'application/json'
          ? await asJson(request, sizeBytesMax, ruleSet, query)
          : { ...envelopeOf(query), raw: await readBody(request, sizeBytesMax), ruleSet };
      return await evaluateDryRun(
        { judge, keys: stores.keys, directory: stores.directory, lists: stores.sharedLists, kms, clock },
        { organizationId, ...question },
      );
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

function envelopeOf({ mailFrom, rcptTo }: EnvelopeQueryDto): Pick<Question, 'mailFrom' | 'rcptTo'> {
  return { ...(mailFrom === undefined ? {} : { mailFrom }), ...(rcptTo === undefined ? {} : { rcptTo }) };
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
