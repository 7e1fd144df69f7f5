import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { providers, type Connector, type Provider, type ProviderOutcome } from '#lib/adapters';
import { isId } from '#lib/core';
import { accept, FlowError, type Connection } from '#lib/flow';
import { Open } from '../auth/access.js';
import { addressOf, setMessageId } from '../http/api-request.js';
import { limitedBody, refuseLarge } from '../http/request-body.js';
import { NO_KEEPING, NO_PLATFORM, RefusesOpenly } from '../openapi/answers.js';
import { TakesBody } from '../openapi/takes-body.js';
import { Platform } from '../platform.js';
import { ApiError } from '../problem/api-error.js';
import { AnswersWebhooks, webhookRefusals } from './webhook-answers.js';
import { WebhookSlots } from './webhook-slots.js';

type Received = Extract<ProviderOutcome, { kind: 'message' }>;
type Found = NonNullable<Awaited<ReturnType<Platform['stores']['connectors']['findForIngest']>>>;

const SIGNED = 'the webhook is signed with the secret of its connector';

/** The webhook door. Each provider is answered with what it takes as its answer, once the message is durable. */
@ApiTags('Connectors')
@Controller('v1/ingest')
export class IngestController {
  constructor(
    private readonly platform: Platform,
    private readonly slots: WebhookSlots,
  ) {}

  @Post(':provider/:connectorId')
  @Open(SIGNED)
  @ApiOperation({
    operationId: 'ingest',
    summary: 'Hand in a message by webhook',
    description:
      'Also at anything below. `generic`: headers of Standard Webhooks over the raw body, JSON `{ "mailFrom", "rcptTo": [], "raw": base64 }`, answered with 202; signed is `<webhook-id>.<webhook-timestamp>.<body>`, by HMAC-SHA256 with the bytes whose base64 stands behind `whsec_`, and `webhook-signature` is `v1,` and the base64 of that (docs/operations.md has it as a shell script). `mailgun`: a route with raw MIME, answered with 200, and with 406 for what is never to come again. A repeat gets the same answer and has no second effect.',
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
  @AnswersWebhooks(providers.values())
  @RefusesOpenly(
    ...webhookRefusals(providers.values()),
    'ERR_REQUEST_CANCELLED',
    'ERR_CONNECTOR_UNKNOWN',
    'ERR_SERVER_BUSY',
    ...NO_PLATFORM,
    ...NO_KEEPING,
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
    return await this.slots.use(found.connector.id, async () => {
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
      if (outcome.kind === 'refused') {
        const { code, status, faults = [] } = outcome;
        throw new ApiError(code, { status, problems: faults.map((fault) => ({ ...fault, code })) });
      }
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
      throw new ApiError('ERR_WEBHOOK_REPLAYED', { status: provider.answers.refused.ERR_WEBHOOK_REPLAYED });
    } catch (error) {
      if (error instanceof FlowError && error.code === 'ERR_MESSAGE_TOO_LARGE') throw tooLarge(provider);
      throw error;
    }
  }
}

function tooLarge({ answers }: Provider): ApiError {
  return new ApiError('ERR_WEBHOOK_TOO_LARGE', { status: answers.refused.ERR_WEBHOOK_TOO_LARGE });
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
