import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Connector, Provider, ProviderOutcome } from '#lib/adapters';
import { isId } from '#lib/core';
import { accept, FlowError, type Connection } from '#lib/flow';
import { Open } from '../auth/access.js';
import { addressOf, setMessageId } from '../http/api-request.js';
import { limitedBody, refuseLarge } from '../http/request-body.js';
import { IncomingSlots } from '../messages/incoming-slots.js';
import { Answers, RefusesOpenly } from '../openapi/answers.js';
import { TakesBody } from '../openapi/takes-body.js';
import { Platform } from '../platform.js';
import { ApiError } from '../problem/api-error.js';
import { acceptedExample } from '../messages/message-examples.js';
import { AcceptedDto } from '../messages/message.dto.js';

type Received = Extract<ProviderOutcome, { kind: 'message' }>;
type Found = NonNullable<Awaited<ReturnType<Platform['stores']['connectors']['findForIngest']>>>;

const NOT_ACCEPTABLE = 406;
const PAYLOAD_TOO_LARGE = 413;
const SIGNED = 'the webhook is signed with the secret of its connector';

/** The webhook door. Each provider is answered with what it takes as its answer, once the message is durable. */
@ApiTags('Connectors')
@Controller('v1/ingest')
export class IngestController {
  constructor(
    private readonly platform: Platform,
    private readonly slots: IncomingSlots,
  ) {}

  @Post(':provider/:connectorId')
  @Open(SIGNED)
  @ApiOperation({
    operationId: 'ingest',
    summary: 'Hand in a message by webhook',
    description:
      'Also at anything below. `generic`: headers of Standard Webhooks over the raw body, JSON `{ "mailFrom", "rcptTo": [], "raw": base64 }`, answered with 202. `mailgun`: a route with raw MIME, answered with 200, and with 406 for what is never to come again. A repeat gets the same answer and has no second effect.',
  })
  @ApiParam({ name: 'provider', enum: ['generic', 'mailgun'] })
  @TakesBody({
    'application/json': {
      schema: {
        type: 'object',
        required: ['mailFrom', 'rcptTo', 'raw'],
        properties: {
          mailFrom: { type: 'string' },
          rcptTo: { type: 'array', items: { type: 'string' } },
          raw: { type: 'string', format: 'byte' },
        },
      },
      example: { mailFrom: 'shop@elsewhere.example', rcptTo: ['ann@clinic.example'], raw: 'U3ViamVjdDogeAoKeAo=' },
    },
    'multipart/form-data': { schema: { type: 'object', additionalProperties: true } },
    'application/x-www-form-urlencoded': { schema: { type: 'object', additionalProperties: true } },
  })
  @Answers(202, AcceptedDto, {
    description: 'It is ours (200 where the provider wants that).',
    example: acceptedExample,
  })
  @RefusesOpenly(
    'ERR_WEBHOOK_SIGNATURE',
    'ERR_WEBHOOK_STALE',
    'ERR_WEBHOOK_REPLAYED',
    'ERR_WEBHOOK_MALFORMED',
    'ERR_WEBHOOK_TYPE',
    'ERR_WEBHOOK_TOO_LARGE',
    'ERR_CONNECTOR_UNKNOWN',
    'ERR_RATE_EXCEEDED',
    'ERR_SERVER_BUSY',
    'ERR_STARTING',
    'ERR_BLOB_DISK_FULL',
  )
  async receive(
    @Param('provider') provider: string,
    @Param('connectorId') connectorId: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ readonly id?: string }> {
    return await this.take(provider, connectorId, '', request, response);
  }

  @Post(':provider/:connectorId/*below')
  @Open(SIGNED)
  @ApiExcludeEndpoint()
  async receiveBelow(
    @Param('provider') provider: string,
    @Param('connectorId') connectorId: string,
    @Param('below') below: string | readonly string[],
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ readonly id?: string }> {
    const path = `/${typeof below === 'string' ? below : below.join('/')}`;
    return await this.take(provider, connectorId, path, request, response);
  }

  private async take(
    name: string,
    connectorId: string,
    path: string,
    request: Request,
    response: Response,
  ): Promise<{ readonly id?: string }> {
    const provider = this.platform.providers.get(name);
    if (provider === undefined || !isId(connectorId)) throw new ApiError('ERR_CONNECTOR_UNKNOWN');
    const found = await this.platform.stores.connectors.findForIngest(name, connectorId);
    if (found === undefined) throw new ApiError('ERR_CONNECTOR_UNKNOWN');
    return await this.slots.use(async () => {
      const outcome = await this.ask(provider, found, path, request);
      response.status(provider.answers.accepted);
      if (outcome.kind === 'ignored') return {};
      try {
        const id = await this.keep(provider, found, outcome, request);
        setMessageId(request, id);
        return { id };
      } finally {
        await outcome.discard();
      }
    });
  }

  /** Lets the provider verify and read. Errors: its refusals, with the status that it wants. */
  private async ask(
    provider: Provider,
    { organizationId, sealedSecret }: Found,
    path: string,
    request: Request,
  ): Promise<Exclude<ProviderOutcome, { kind: 'refused' }>> {
    const { kms, clock, config } = this.platform;
    const messageSizeBytesMax = config.limits.messageSizeBytesMax;
    const bodyBytesMax = provider.bodyBytesMax(messageSizeBytesMax);
    try {
      refuseLarge(request, bodyBytesMax);
      const { headers, rawHeaders } = request;
      const outcome = await provider.receive(
        { headers, rawHeaders, body: limitedBody(request, bodyBytesMax), path },
        { secret: await kms.open(organizationId, sealedSecret), nowMs: clock.now().getTime(), messageSizeBytesMax },
      );
      if (outcome.kind === 'refused') throw new ApiError(outcome.code, { status: outcome.status });
      return outcome;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'ERR_BODY_TOO_LARGE') throw tooLarge(provider);
      throw error;
    }
  }

  private async keep(
    provider: Provider,
    { organizationId, connector }: Found,
    message: Received,
    request: Request,
  ): Promise<string> {
    try {
      const outcome = await accept(
        this.platform.acceptPorts,
        {
          organizationId,
          envelope: {
            mailFrom: message.mailFrom,
            rcptTo: message.rcptTo.map((address) => ({ address, notify: null, orcpt: null })),
            dsnReturn: null,
            envid: null,
          },
          connection: connectionOf(request, connector),
          body: message.raw,
          idempotency: { scope: `connector ${connector.id}`, key: message.eventId },
        },
        { sizeBytesMax: this.platform.config.limits.messageSizeBytesMax },
      );
      if (outcome.kind !== 'conflict') return outcome.id;
      throw new ApiError('ERR_WEBHOOK_REPLAYED', { status: provider.answers.refused });
    } catch (error) {
      if (error instanceof FlowError && error.code === 'ERR_MESSAGE_TOO_LARGE') throw tooLarge(provider);
      throw error;
    }
  }
}

/** A provider with an answer for "never again" gets that: it would send the same thing for hours. */
function tooLarge(provider: Provider): ApiError {
  const { refused } = provider.answers;
  const status = refused === NOT_ACCEPTABLE ? refused : PAYLOAD_TOO_LARGE;
  return new ApiError('ERR_WEBHOOK_TOO_LARGE', { status });
}

function connectionOf(request: Request, { id, trusted }: Connector): Connection {
  return {
    source: 'webhook',
    isAuthenticated: trusted,
    isTrustedNetwork: false,
    ip: addressOf(request),
    helo: null,
    isTls: request.secure,
    apiKeyId: null,
    connectorId: id,
  };
}
