import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { ApiKey, Connector, Page, Provider } from '#lib/adapters';
import { NeedsScope } from '../auth/access.js';
import { Caller } from '../http/api-request.js';
import { etagOf, expectedVersion, requireIfMatch } from '../http/etag.js';
import { TakesJson } from '../http/json-body.js';
import { mergePatch } from '../http/merge-patch.js';
import { PageQueryDto, pageOf } from '../http/page-query.dto.js';
import { readDto } from '../http/read-dto.js';
import { withoutReadOnly } from '../http/read-only.js';
import { resourceId, there } from '../http/resource-id.js';
import { Answers, NeedsIfMatch, NO_JSON, NO_PAGE, Refuses } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { invalid } from '../problem/api-error.js';
import { missed } from '../rules/rules.controller.js';
import {
  connectorExample,
  connectorInputExample,
  connectorListExample,
  newConnectorExample,
} from './connector-examples.js';
import { sealSecret } from './connector-secret.js';
import {
  ConnectorChangeDto,
  ConnectorDto,
  ConnectorInputDto,
  ConnectorListDto,
  NewConnectorDto,
} from './connector.dto.js';
import type { Plain } from '../http/plain.js';

const READ_ONLY = ['id', 'version', 'provider', 'direction', 'url', 'createdAt', 'updatedAt'];
/** Mailgun posts the raw message only to an address with this ending. */
const ENDINGS: Readonly<Record<string, string>> = { mailgun: '/mime' };
const CHANGE = { type: ConnectorChangeDto, examples: { trusted: { value: { name: 'Shop', trusted: true } } } };
const STALE = ['ERR_RESOURCE_UNKNOWN', 'ERR_IF_MATCH_MISSING', 'ERR_IF_MATCH_MALFORMED', 'ERR_VERSION_STALE'] as const;

@ApiTags('Connectors')
@Controller('v1/connectors')
@NeedsScope('connectors:write')
export class ConnectorsController {
  constructor(private readonly platform: Platform) {}

  @Get()
  @ApiOperation({ operationId: 'listConnectors', summary: 'List connectors', description: 'Newest first.' })
  @Answers(200, ConnectorListDto, { description: 'A page of connectors.', example: connectorListExample })
  @Refuses(...NO_PAGE)
  async list(@Caller() { organizationId }: ApiKey, @Query() query: PageQueryDto): Promise<Page<Plain<ConnectorDto>>> {
    const { items, nextCursor } = await this.platform.stores.connectors.list(organizationId, pageOf(query));
    return { items: items.map((one) => this.view(one)), nextCursor };
  }

  @Post()
  @TakesJson()
  @ApiOperation({
    operationId: 'createConnector',
    summary: 'Make a connector',
    description: 'Its `url` is where the provider calls. A secret that is made here is shown once.',
  })
  @ApiBody({ type: ConnectorInputDto, examples: { generic: { value: connectorInputExample } } })
  @Answers(201, NewConnectorDto, {
    description: 'The connector.',
    example: newConnectorExample,
    headers: ['ETag', 'Location'],
  })
  @Refuses(...NO_JSON)
  async create(
    @Caller() { organizationId }: ApiKey,
    @Body() body: ConnectorInputDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<NewConnectorDto>> {
    const provider = this.providerOf(body.provider);
    const made = body.secret === undefined ? provider.newSecret(this.platform.random) : undefined;
    const sealedSecret = await sealSecret(this.platform, organizationId, provider, made ?? body.secret ?? '');
    const { name, trusted = false, enabled = true } = body;
    const input = { name, provider: provider.name, trusted, enabled, sealedSecret };
    const connector = await this.platform.stores.connectors.create(organizationId, input);
    response.setHeader('Location', `/v1/connectors/${connector.id}`);
    return { ...this.tagged(connector, response), ...(made === undefined ? {} : { secret: made }) };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getConnector', summary: 'Read a connector' })
  @Answers(200, ConnectorDto, { description: 'The connector.', example: connectorExample, headers: ['ETag'] })
  @Refuses('ERR_RESOURCE_UNKNOWN')
  async get(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<ConnectorDto>> {
    return this.tagged(await this.load(caller, id), response);
  }

  @Put(':id')
  @TakesJson()
  @NeedsIfMatch()
  @ApiOperation({
    operationId: 'replaceConnector',
    summary: 'Replace a connector',
    description: 'Its provider stays. A new `secret` takes the place of the old one at once.',
  })
  @ApiBody(CHANGE)
  @Answers(200, ConnectorDto, {
    description: 'The connector.',
    example: { ...connectorExample, version: 2 },
    headers: ['ETag'],
  })
  @Refuses(...NO_JSON, ...STALE)
  async replace(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<ConnectorDto>> {
    requireIfMatch(ifMatch);
    const stored = await this.load(caller, id);
    return await this.write(caller, stored, expectedVersion(ifMatch, stored.version), body, response);
  }

  @Patch(':id')
  @TakesJson({ types: ['application/merge-patch+json', 'application/json'] })
  @NeedsIfMatch()
  @ApiOperation({
    operationId: 'changeConnector',
    summary: 'Change a connector',
    description: 'A JSON merge patch (RFC 7396).',
  })
  @ApiBody({ schema: { type: 'object', additionalProperties: true }, examples: { off: { value: { enabled: false } } } })
  @Answers(200, ConnectorDto, {
    description: 'The connector.',
    example: { ...connectorExample, version: 2 },
    headers: ['ETag'],
  })
  @Refuses(...NO_JSON, ...STALE)
  async change(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<ConnectorDto>> {
    requireIfMatch(ifMatch);
    const stored = await this.load(caller, id);
    const version = expectedVersion(ifMatch, stored.version) ?? stored.version;
    return await this.write(caller, stored, version, mergePatch(this.view(stored), body), response);
  }

  @Delete(':id')
  @HttpCode(204)
  @NeedsIfMatch()
  @ApiOperation({ operationId: 'removeConnector', summary: 'Remove a connector' })
  @Answers(204, undefined, { description: 'It is gone.' })
  @Refuses(...STALE)
  async remove(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    requireIfMatch(ifMatch);
    const stored = await this.load(caller, id);
    const version = expectedVersion(ifMatch, stored.version);
    const written = await this.platform.stores.connectors.remove(caller.organizationId, stored.id, version);
    if (written.kind !== 'written') throw missed(written);
  }

  private async load({ organizationId }: ApiKey, id: string): Promise<Connector> {
    return there(await this.platform.stores.connectors.find(organizationId, resourceId(id)));
  }

  private async write(
    { organizationId }: ApiKey,
    stored: Connector,
    version: number | null,
    body: unknown,
    response: Response,
  ): Promise<Plain<ConnectorDto>> {
    const { rest, problems } = withoutReadOnly(body, { ...this.view(stored) }, READ_ONLY);
    const read = await readDto(ConnectorChangeDto, rest);
    const found = [...problems, ...read.problems];
    if (found.length > 0) throw invalid(...found);
    const { name, trusted = false, enabled = true, secret } = read.dto;
    const provider = this.providerOf(stored.provider);
    const sealedSecret =
      secret === undefined ? undefined : await sealSecret(this.platform, organizationId, provider, secret);
    const input = { name, trusted, enabled, ...(sealedSecret === undefined ? {} : { sealedSecret }) };
    const written = await this.platform.stores.connectors.replace(organizationId, stored.id, version, input);
    if (written.kind !== 'written') throw missed(written);
    return this.tagged(written.connector, response);
  }

  private providerOf(name: string): Provider {
    const { providers } = this.platform;
    const provider = providers.get(name);
    if (provider !== undefined) return provider;
    const message = `must be one of ${[...providers.keys()].join(', ')}`;
    throw invalid({ pointer: '/provider', code: 'ERR_VALUE_INVALID', message });
  }

  private tagged(connector: Connector, response: Response): Plain<ConnectorDto> {
    response.setHeader('ETag', etagOf(connector.version));
    return this.view(connector);
  }

  private view(connector: Connector): Plain<ConnectorDto> {
    const { id, provider } = connector;
    const base = this.platform.config.public.publicUrl;
    return { ...connector, url: `${base}/v1/ingest/${provider}/${id}${ENDINGS[provider] ?? ''}` };
  }
}
