import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ApiKey, Page } from '#lib/adapters';
import { NeedsScope } from '../auth/access.js';
import { Caller } from '../http/api-request.js';
import { TakesJson } from '../http/json-body.js';
import { PageQueryDto, pageOf } from '../http/page-query.dto.js';
import { resourceId } from '../http/resource-id.js';
import { Answers, NO_JSON, NO_PAGE, Refuses } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { ApiError, invalid } from '../problem/api-error.js';
import { ApiKeyDto, ApiKeyInputDto, ApiKeyListDto, NewApiKeyDto } from './api-key.dto.js';
import type { Plain } from '../http/plain.js';

const INPUT = { name: 'Mail server', scopes: ['messages:send'], expiresAt: '2027-12-31T23:59:59Z' };
const KEY = {
  id: '0199f3ca-0c77-7b20-8f00-112233445566',
  name: 'Mail server',
  scopes: ['messages:send'],
  createdAt: '2026-11-24T09:20:00.000Z',
  expiresAt: '2027-12-31T23:59:59.000Z',
};

@ApiTags('API keys')
@Controller('v1/api-keys')
@NeedsScope('admin')
export class ApiKeysController {
  constructor(private readonly platform: Platform) {}

  @Post()
  @TakesJson()
  @ApiOperation({
    operationId: 'createApiKey',
    summary: 'Make an API key',
    description: 'The key is in this answer and nowhere else.',
  })
  @ApiBody({ type: ApiKeyInputDto, examples: { key: { value: INPUT } } })
  @Answers(201, NewApiKeyDto, { description: 'The key.', example: { ...KEY, key: 'sealflow_…' } })
  @Refuses(...NO_JSON)
  async create(
    @Caller() { organizationId }: ApiKey,
    @Body() { name, scopes, expiresAt = null }: ApiKeyInputDto,
  ): Promise<Plain<NewApiKeyDto>> {
    if (expiresAt !== null && expiresAt <= this.platform.clock.now()) {
      throw invalid({ pointer: '/expiresAt', code: 'ERR_VALUE_INVALID', message: 'must be in the future' });
    }
    const { key, token } = await this.platform.stores.apiKeys.create(organizationId, { name, scopes, expiresAt });
    return { ...view(key), key: token.reveal() };
  }

  @Get()
  @ApiOperation({
    operationId: 'listApiKeys',
    summary: 'List API keys',
    description: 'Newest first, without those that were removed.',
  })
  @Answers(200, ApiKeyListDto, { description: 'A page of keys.', example: { items: [KEY], nextCursor: null } })
  @Refuses(...NO_PAGE)
  async list(@Caller() { organizationId }: ApiKey, @Query() query: PageQueryDto): Promise<Page<Plain<ApiKeyDto>>> {
    const { items, nextCursor } = await this.platform.stores.apiKeys.list(organizationId, pageOf(query));
    return { items: items.map(view), nextCursor };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'removeApiKey',
    summary: 'Remove an API key',
    description: 'It is of no use from then on. The last one with scope `admin` stays.',
  })
  @Answers(204, undefined, { description: 'It is gone.' })
  @Refuses('ERR_RESOURCE_UNKNOWN', 'ERR_API_KEY_LAST')
  async remove(@Caller() { organizationId }: ApiKey, @Param('id') id: string): Promise<void> {
    const outcome = await this.platform.stores.apiKeys.revoke(organizationId, resourceId(id));
    if (outcome === 'missing') throw new ApiError('ERR_RESOURCE_UNKNOWN');
    if (outcome === 'last') throw new ApiError('ERR_API_KEY_LAST');
  }
}

function view({ id, name, scopes, createdAt, expiresAt }: ApiKey): Plain<ApiKeyDto> {
  return { id, name, scopes: [...scopes], createdAt, expiresAt };
}
