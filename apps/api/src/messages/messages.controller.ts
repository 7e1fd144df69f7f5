import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import type { ApiKey, MessageFilter, MessageListItem, Page } from '#lib/adapters';
import { NeedsScope } from '../auth/access.js';
import { Caller, setMessageId } from '../http/api-request.js';
import { pageOf } from '../http/page-query.dto.js';
import { resourceId, there } from '../http/resource-id.js';
import { Answers, NO_PAGE, Refuses } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { MessageQueryDto } from './message-requests.dto.js';
import { messageView } from './message-view.js';
import { messageExample, messageListExample } from './message-examples.js';
import { MessageDto, MessageListDto } from './message.dto.js';
import type { Plain } from '../http/plain.js';

@ApiTags('Messages')
@Controller('v1/messages')
export class MessagesController {
  constructor(private readonly platform: Platform) {}

  @Get()
  @NeedsScope('messages:read')
  @ApiOperation({ operationId: 'listMessages', summary: 'List messages', description: 'Newest first.' })
  @Answers(200, MessageListDto, { description: 'A page of messages.', example: messageListExample })
  @Refuses(...NO_PAGE)
  async list(@Caller() { organizationId }: ApiKey, @Query() query: MessageQueryDto): Promise<Page<MessageListItem>> {
    return await this.platform.stores.messages.list(organizationId, filterOf(query), pageOf(query));
  }

  @Get(':id')
  @NeedsScope('messages:read')
  @ApiOperation({
    operationId: 'getMessage',
    summary: 'Read a message',
    description:
      'Its recipients, the rules that matched or failed, and all that happened to it. Subject and evidence only for keys that have `messages:content` as well.',
  })
  @Answers(200, MessageDto, { description: 'The message.', example: messageExample })
  @Refuses('ERR_RESOURCE_UNKNOWN')
  async get(@Caller() caller: ApiKey, @Param('id') id: string, @Req() request: Request): Promise<Plain<MessageDto>> {
    const messageId = resourceId(id);
    setMessageId(request, messageId);
    const message = there(await this.platform.stores.messages.find(caller.organizationId, messageId));
    return messageView(message, caller.scopes.includes('messages:content'));
  }

  @Get(':id/content')
  @NeedsScope('messages:content')
  @ApiOperation({
    operationId: 'getMessageContent',
    summary: 'Read the bytes that were received',
    description: 'With CRLF line ends, as an attachment.',
  })
  @ApiResponse({
    status: 200,
    description: 'The message.',
    content: { 'message/rfc822': { schema: { type: 'string', format: 'binary' } } },
  })
  @Refuses('ERR_RESOURCE_UNKNOWN')
  async content(
    @Caller() { organizationId }: ApiKey,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { stores, kms, blobs } = this.platform;
    const messageId = resourceId(id);
    setMessageId(request, messageId);
    const { blob, wrappedKey, sizeBytes } = there(await stores.messages.content(organizationId, messageId));
    const pieces = await begin(blobs.read(await kms.openDataKey(organizationId, wrappedKey), blob));
    response.setHeader('Content-Type', 'message/rfc822');
    response.setHeader('Content-Disposition', `attachment; filename="${messageId}.eml"`);
    response.setHeader('Content-Length', sizeBytes);
    // Nothing of it is shown by a browser, whatever it holds.
    response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
    await pipeline(pieces, response);
  }
}

/** The same pieces, of which the first could be read: what goes wrong before it can still be answered. */
async function begin(source: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

function filterOf({ status, mailFrom, rcptTo, state, rule, since }: MessageQueryDto): MessageFilter {
  return {
    ...(status === undefined ? {} : { status }),
    ...(mailFrom === undefined ? {} : { mailFrom }),
    ...(rcptTo === undefined ? {} : { rcptTo }),
    ...(state === undefined ? {} : { state }),
    ...(rule === undefined ? {} : { rule: rule.toLowerCase() }),
    ...(since === undefined ? {} : { since }),
  };
}
