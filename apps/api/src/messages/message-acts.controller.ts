import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import type { ApiKey, MessageActInput } from '#lib/adapters';
import { NeedsAnyScope, NeedsScope } from '../auth/access.js';
import { requireScopes } from '../auth/require-scopes.js';
import { Caller, setMessageId } from '../http/api-request.js';
import { TakesJson } from '../http/json-body.js';
import { resourceId } from '../http/resource-id.js';
import { Answers, NO_JSON, Refuses } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { ApiError, invalid } from '../problem/api-error.js';
import { ActDto, ReleaseDto } from './message-requests.dto.js';
import { actedExample } from './message-examples.js';
import { ActedDto } from './message.dto.js';
import type { Plain } from '../http/plain.js';

const DONE = { description: 'To whom it was done.', example: actedExample };
const ONLY = { examples: { all: { value: {} }, some: { value: { recipients: actedExample.recipients } } } };

/** What a person does about a message. */
@ApiTags('Messages')
@Controller('v1/messages')
export class MessageActsController {
  constructor(private readonly platform: Platform) {}

  @Post(':id/release')
  @HttpCode(200)
  @TakesJson({ isOptional: true })
  @NeedsAnyScope('messages:act', 'messages:override')
  @ApiOperation({
    operationId: 'releaseMessage',
    summary: 'Let copies go on',
    description:
      'What was held is judged again, by the rule set that it was accepted under and the keys of now; where a rule failed, or the message cannot be judged, it is held again for the same reason: then change the rule and `rejudge`, release it with `unprotected`, or reject it. What a rule parked goes on with the rules behind that one. With `unprotected` it leaves in clear (what else rules say is still done, except where the message cannot be judged), which takes the scope `messages:override` (alone); all else takes `messages:act`.',
  })
  @ApiBody({
    type: ReleaseDto,
    required: false,
    examples: { ...ONLY.examples, inClear: { value: { unprotected: true, reason: 'asked for by telephone' } } },
  })
  @Answers(200, ActedDto, DONE)
  @Refuses(...NO_JSON, 'ERR_RESOURCE_UNKNOWN', 'ERR_STATE_UNFIT')
  async release(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Body() body: ReleaseDto,
    @Req() request: Request,
  ): Promise<Plain<ActedDto>> {
    const { unprotected, reason } = body;
    requireScopes(caller, [unprotected === true ? 'messages:override' : 'messages:act']);
    if (unprotected !== true && reason !== undefined) {
      throw invalid({ pointer: '/reason', code: 'ERR_VALUE_INVALID', message: 'is for unprotected only' });
    }
    if (unprotected !== true) return await this.act(caller, id, request, { act: 'release', ...only(body) });
    if (reason === undefined || reason.trim() === '') {
      const message = 'is needed: why the message leaves in clear';
      throw invalid({ pointer: '/reason', code: 'ERR_PROPERTY_MISSING', message });
    }
    return await this.act(caller, id, request, { act: 'release', ...only(body), unprotected: { reason } });
  }

  @Post(':id/reject')
  @HttpCode(200)
  @TakesJson({ isOptional: true })
  @NeedsScope('messages:act')
  @ApiOperation({
    operationId: 'rejectMessage',
    summary: 'Refuse held or parked copies',
    description: 'A sender who was authenticated or trusted is told.',
  })
  @ApiBody({ type: ActDto, required: false, ...ONLY })
  @Answers(200, ActedDto, DONE)
  @Refuses(...NO_JSON, 'ERR_RESOURCE_UNKNOWN', 'ERR_STATE_UNFIT')
  async reject(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Body() body: ActDto,
    @Req() request: Request,
  ): Promise<Plain<ActedDto>> {
    return await this.act(caller, id, request, { act: 'reject', ...only(body) });
  }

  @Post(':id/retry')
  @HttpCode(200)
  @TakesJson({ isOptional: true })
  @NeedsScope('messages:act')
  @ApiOperation({
    operationId: 'retryMessage',
    summary: 'Try again now',
    description: 'What waits for the relay is tried at once; what is held is judged again.',
  })
  @ApiBody({ type: ActDto, required: false, ...ONLY })
  @Answers(200, ActedDto, DONE)
  @Refuses(...NO_JSON, 'ERR_RESOURCE_UNKNOWN', 'ERR_STATE_UNFIT')
  async retry(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Body() body: ActDto,
    @Req() request: Request,
  ): Promise<Plain<ActedDto>> {
    return await this.act(caller, id, request, { act: 'retry', ...only(body) });
  }

  @Post(':id/rejudge')
  @HttpCode(200)
  @TakesJson({ isOptional: true })
  @NeedsScope('messages:act')
  @ApiOperation({
    operationId: 'rejudgeMessage',
    summary: 'Judge again by the rules of now',
    description: 'Instead of those that it was accepted under.',
  })
  @ApiBody({ type: ActDto, required: false, ...ONLY })
  @Answers(200, ActedDto, DONE)
  @Refuses(...NO_JSON, 'ERR_RESOURCE_UNKNOWN', 'ERR_STATE_UNFIT')
  async rejudge(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Body() body: ActDto,
    @Req() request: Request,
  ): Promise<Plain<ActedDto>> {
    return await this.act(caller, id, request, { act: 'rejudge', ...only(body) });
  }

  private async act(
    { organizationId, id: apiKeyId }: ApiKey,
    id: string,
    request: Request,
    input: Omit<MessageActInput, 'apiKeyId'>,
  ): Promise<Plain<ActedDto>> {
    const messageId = resourceId(id);
    setMessageId(request, messageId);
    const outcome = await this.platform.stores.messages.act(organizationId, messageId, { ...input, apiKeyId });
    if (outcome.kind === 'missing') throw new ApiError('ERR_RESOURCE_UNKNOWN');
    if (outcome.kind === 'unfit') throw new ApiError('ERR_STATE_UNFIT');
    for (const { queue, id: due } of outcome.enqueue) this.platform.enqueue.add(queue, organizationId, due);
    return { id: messageId, recipients: [...outcome.recipients] };
  }
}

function only({ recipients }: ActDto): { recipients?: readonly string[] } {
  return recipients === undefined ? {} : { recipients };
}
