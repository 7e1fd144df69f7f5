import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { AdapterError, placeOfCursor, type ApiKey } from '#lib/adapters';
import { explainMessage } from '#lib/flow';
import { NeedsScope } from '../auth/access.js';
import { Caller, setMessageId } from '../http/api-request.js';
import { BodySlots } from '../http/body-slots.js';
import { pageOf } from '../http/page-query.dto.js';
import type { Plain } from '../http/plain.js';
import { resourceId, there } from '../http/resource-id.js';
import { Answers, NO_KEYS, NO_PAGE, Refuses } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { invalid } from '../problem/api-error.js';
import { explanationView } from './explanation-view.js';
import { ExplanationDto, ExplanationQueryDto } from './explanation.dto.js';
import { explanationExample } from './message-examples.js';

/** Each has a message judged once more. */
const AT_ONCE_MAX = 8;

@ApiTags('Messages')
@Controller('v1/messages')
export class ExplanationController {
  private readonly slots = new BodySlots(AT_ONCE_MAX);

  constructor(private readonly platform: Platform) {}

  @Get(':id/explanation')
  @NeedsScope('messages:read')
  @ApiOperation({
    operationId: 'explainMessage',
    summary: 'Say why each rule did, or did not, match',
    description:
      'What every rule of the set that judged came to for each recipient, and its conditions with their truth, with what was known when it was judged: whatever has become of the rules since. The outcomes outlive the content.',
  })
  @Answers(200, ExplanationDto, { description: 'The explanation, a page of its rules.', example: explanationExample })
  @Refuses(
    'ERR_RESOURCE_UNKNOWN',
    ...NO_PAGE,
    ...NO_KEYS,
    'ERR_BLOB_UNAVAILABLE',
    'ERR_JUDGE_UNAVAILABLE',
    'ERR_JUDGE_FAILED',
    'ERR_SERVER_BUSY',
  )
  async explain(
    @Caller() { organizationId, scopes }: ApiKey,
    @Param('id') id: string,
    @Query() query: ExplanationQueryDto,
    @Req() request: Request,
  ): Promise<Plain<ExplanationDto>> {
    const messageId = resourceId(id);
    setMessageId(request, messageId);
    const { stores, judge, kms, clock } = this.platform;
    const { recipient } = query;
    const { limit: count, cursor } = pageOf(query);
    const [judging, first] = cursor === null ? [undefined, 0] : placeOf(cursor);
    return await this.slots.use(async () => {
      const message = there(await stores.messages.judged(organizationId, messageId));
      if (recipient !== undefined && message.accepted.recipients.every(({ address }) => address !== recipient)) {
        throw invalid({ pointer: '/recipient', code: 'ERR_VALUE_INVALID', message: 'must be one of the message' });
      }
      const explanation = await explainMessage(
        { judge, kms, clock, lists: stores.sharedLists, ruleSets: stores.ruleSets },
        {
          message,
          loadTrace: (number) => stores.messages.judgingTrace(organizationId, messageId, number),
          range: { first, count },
          ...(recipient === undefined ? {} : { recipient }),
          ...(judging === undefined ? {} : { judging }),
        },
      );
      if (explanation === undefined) throw new AdapterError('ERR_CURSOR_INVALID');
      return explanationView(messageId, explanation, scopes.includes('messages:content'));
    });
  }
}

/** Judging and index of the rule. Error: `ERR_CURSOR_INVALID`. */
function placeOf(cursor: string): readonly [judging: number, first: number] {
  const [judging, first] = placeOfCursor(cursor);
  if (!/^\d{1,9}$/.test(judging)) throw new AdapterError('ERR_CURSOR_INVALID');
  return [Number(judging), first];
}
