import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiKey, Page, StoredCertificate } from '#lib/adapters';
import { NeedsScope } from '../auth/access.js';
import { Caller } from '../http/api-request.js';
import { mediaTypeOf } from '../http/media-type.js';
import { pageOf } from '../http/page-query.dto.js';
import { readDto } from '../http/read-dto.js';
import { JSON_BYTES_MAX, readJson } from '../http/read-json.js';
import { readBody } from '../http/request-body.js';
import { resourceId, there } from '../http/resource-id.js';
import { Answers, NO_JSON, NO_PAGE, Refuses } from '../openapi/answers.js';
import { TakesBody } from '../openapi/takes-body.js';
import { Platform } from '../platform.js';
import { ApiError, invalid } from '../problem/api-error.js';
import { certificateExample, certificateListExample, certificatesExample } from './certificate-examples.js';
import {
  CertificateDto,
  CertificateInputDto,
  CertificateListDto,
  CertificateQueryDto,
  CertificatesDto,
} from './certificate.dto.js';
import { importCertificates, type Refusal } from './import-certificates.js';

type Answer =
  StoredCertificate | { readonly items: readonly StoredCertificate[]; readonly refused: readonly Refusal[] };

const imported = {
  headers: { Location: { description: 'Where it is, if it is one.', schema: { type: 'string' as const } } },
  content: {
    'application/json': {
      schema: { oneOf: [{ $ref: getSchemaPath(CertificateDto) }, { $ref: getSchemaPath(CertificatesDto) }] },
      examples: { one: { value: certificateExample }, several: { value: certificatesExample } },
    },
  },
};

@ApiTags('Keys')
@ApiExtraModels(CertificateInputDto, CertificatesDto)
@Controller('v1/certificates')
export class CertificatesController {
  constructor(private readonly platform: Platform) {}

  @Post()
  @NeedsScope('keys:write')
  @ApiOperation({
    operationId: 'importCertificates',
    summary: 'Take recipients’ S/MIME certificates',
    description:
      'One certificate is answered as itself; of several in one PEM each is answered as taken or refused (`items`, `refused`), with certificates of authorities passed over. 200 instead of 201 if all were known. What was held for want of it leaves within seconds.',
  })
  @TakesBody({
    'application/json': {
      schema: { $ref: getSchemaPath(CertificateInputDto) },
      example: { pem: certificateExample.pem },
    },
    'application/x-pem-file': { schema: { type: 'string' }, example: certificateExample.pem },
    'application/pkix-cert': { schema: { type: 'string', format: 'binary' } },
  })
  @ApiResponse({ status: 200, ...imported, description: 'The same, where all were known.' })
  @ApiResponse({ status: 201, ...imported, description: 'The certificate; or what became of each of several.' })
  @Refuses(...NO_JSON, 'ERR_CERTIFICATE_MALFORMED', 'ERR_CERTIFICATE_TOO_LARGE')
  async create(
    @Caller() { organizationId }: ApiKey,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer> {
    const { taken, refused, isNew } = await importCertificates(this.platform, organizationId, await readInput(request));
    response.status(isNew ? 201 : 200);
    const [certificate] = taken;
    if (certificate === undefined || taken.length + refused.length > 1) return { items: taken, refused };
    response.setHeader('Location', `/v1/certificates/${certificate.id}`);
    return certificate;
  }

  @Get()
  @NeedsScope('keys:read')
  @ApiOperation({ operationId: 'listCertificates', summary: 'List certificates', description: 'Newest first.' })
  @Answers(200, CertificateListDto, { description: 'A page of certificates.', example: certificateListExample })
  @Refuses(...NO_PAGE)
  async list(
    @Caller() { organizationId }: ApiKey,
    @Query() query: CertificateQueryDto,
  ): Promise<Page<StoredCertificate>> {
    const filter = query.address === undefined ? {} : { address: query.address };
    return await this.platform.stores.certificates.list(organizationId, filter, pageOf(query));
  }

  @Get(':id')
  @NeedsScope('keys:read')
  @ApiOperation({ operationId: 'getCertificate', summary: 'Read a certificate' })
  @Answers(200, CertificateDto, { description: 'The certificate.', example: certificateExample })
  @Refuses('ERR_RESOURCE_UNKNOWN')
  async get(@Caller() { organizationId }: ApiKey, @Param('id') id: string): Promise<StoredCertificate> {
    return there(await this.platform.stores.certificates.find(organizationId, resourceId(id)));
  }

  @Delete(':id')
  @HttpCode(204)
  @NeedsScope('keys:write')
  @ApiOperation({
    operationId: 'removeCertificate',
    summary: 'Remove a certificate',
    description: 'Nothing is sealed to it from then on.',
  })
  @Answers(204, undefined, { description: 'It is gone.' })
  @Refuses('ERR_RESOURCE_UNKNOWN')
  async remove(@Caller() { organizationId }: ApiKey, @Param('id') id: string): Promise<void> {
    const isThere = await this.platform.stores.certificates.remove(organizationId, resourceId(id));
    if (!isThere) throw new ApiError('ERR_RESOURCE_UNKNOWN');
  }
}

async function readInput(request: Request): Promise<Uint8Array> {
  const type = mediaTypeOf(request, ['application/json', 'application/x-pem-file', 'application/pkix-cert']);
  const body = await readBody(request, JSON_BYTES_MAX);
  if (type !== 'application/json') return body;
  const { dto, problems } = await readDto(CertificateInputDto, readJson(body));
  if (problems.length > 0) throw invalid(...problems);
  return Buffer.from(dto.pem);
}
