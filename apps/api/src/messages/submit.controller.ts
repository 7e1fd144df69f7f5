import { Controller, Headers, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiKey } from '#lib/adapters';
import { accept, type Connection } from '#lib/flow';
import { NeedsScope } from '../auth/access.js';
import { addressOf, Caller, setMessageId } from '../http/api-request.js';
import { mediaTypeOf } from '../http/media-type.js';
import { refuseLarge, requestBody } from '../http/request-body.js';
import { Answers, NO_KEEPING, Refuses } from '../openapi/answers.js';
import { TakesBody } from '../openapi/takes-body.js';
import { Platform } from '../platform.js';
import { ApiError, invalid } from '../problem/api-error.js';
import { messageTextExample } from '../rules/evaluate-example.js';
import { EnvelopeQueryDto } from '../rules/evaluate.dto.js';
import { incomingEnvelope } from './incoming-envelope.js';
import { IncomingSlots } from './incoming-slots.js';
import { acceptedExample } from './message-examples.js';
import { AcceptedDto } from './message.dto.js';
import { OwnDomains } from './own-domains.js';
import { requireOwnSender } from './sender.js';
import type { Plain } from '../http/plain.js';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The REST door. */
@ApiTags('Messages')
@Controller('v1/messages')
export class SubmitController {
  private readonly domains: OwnDomains;

  constructor(
    private readonly platform: Platform,
    private readonly slots: IncomingSlots,
  ) {
    this.domains = new OwnDomains(platform.stores.organizations, platform.clock);
  }

  @Post()
  @HttpCode(202)
  @NeedsScope('messages:send')
  @ApiOperation({
    operationId: 'submitMessage',
    summary: 'Hand in a message',
    description:
      'Answered when the message is on disk and in the record: from then on it is ours. The sender must be of a domain of the organization.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'For 24 hours the same key with the same body, `mailFrom` and `rcptTo` answers the same id; with anything else it is refused (422).',
  })
  @TakesBody({ 'message/rfc822': { schema: { type: 'string', format: 'binary' }, example: messageTextExample } })
  @Answers(202, AcceptedDto, { description: 'It is ours.', example: acceptedExample, headers: ['Location'] })
  @Refuses(
    'ERR_REQUEST_CANCELLED',
    'ERR_SENDER_FOREIGN',
    'ERR_BODY_TOO_LARGE',
    'ERR_MEDIA_TYPE_UNSUPPORTED',
    'ERR_REQUEST_INVALID',
    'ERR_IDEMPOTENCY_CONFLICT',
    'ERR_SERVER_BUSY',
    ...NO_KEEPING,
    'ERR_MESSAGE_TOO_LARGE',
    'ERR_MAIL_HEADER_TOO_LARGE',
    'ERR_MAIL_TOO_MANY_FIELDS',
    'ERR_MAIL_TOO_MANY_ADDRESSES',
  )
  async submit(
    @Caller() caller: ApiKey,
    @Query() query: EnvelopeQueryDto,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<AcceptedDto>> {
    mediaTypeOf(request, ['message/rfc822']);
    const idempotency = idempotencyOf(caller, idempotencyKey);
    const { sizeBytesMax } = this;
    refuseLarge(request, sizeBytesMax);
    return await this.slots.use(async () => {
      const domains = await this.domains.of(caller.organizationId);
      if (query.mailFrom !== undefined) requireOwnSender(query.mailFrom, domains);
      const { mailFrom, rcptTo, body } = await incomingEnvelope(query, requestBody(request));
      requireOwnSender(mailFrom, domains);
      const outcome = await accept(
        this.platform.acceptPorts,
        {
          organizationId: caller.organizationId,
          envelope: {
            mailFrom,
            rcptTo: rcptTo.map((address) => ({ address, notify: null, orcpt: null })),
            dsnReturn: null,
            envid: null,
          },
          connection: connectionOf(request, caller),
          body,
          ...(idempotency === undefined ? {} : { idempotency }),
        },
        { sizeBytesMax },
      );
      if (outcome.kind === 'conflict') throw new ApiError('ERR_IDEMPOTENCY_CONFLICT');
      setMessageId(request, outcome.id);
      response.setHeader('Location', `/v1/messages/${outcome.id}`);
      return { id: outcome.id };
    });
  }

  private get sizeBytesMax(): number {
    return this.platform.config.limits.messageSizeBytesMax;
  }
}

function idempotencyOf(caller: ApiKey, key: string | undefined): { scope: string; key: string } | undefined {
  if (key === undefined) return undefined;
  if (!IDEMPOTENCY_KEY.test(key)) {
    const message = 'must be 1 to 255 printable characters';
    throw invalid({ pointer: '/Idempotency-Key', code: 'ERR_VALUE_INVALID', message });
  }
  return { scope: `rest ${caller.id}`, key };
}

function connectionOf(request: Request, caller: ApiKey): Connection {
  return {
    source: 'rest',
    isAuthenticated: true,
    isTrustedNetwork: false,
    ip: addressOf(request),
    helo: null,
    isTls: request.secure,
    apiKeyId: caller.id,
    connectorId: null,
  };
}
