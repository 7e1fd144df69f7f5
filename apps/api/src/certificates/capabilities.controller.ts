import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { ApiKey, StoredCertificate } from '#lib/adapters';
import { normalizeAddress } from '#lib/core';
import { checkCertificate, parseCertificates } from '#lib/crypto';
import { NeedsScope } from '../auth/access.js';
import { Caller } from '../http/api-request.js';
import { Answers, Refuses } from '../openapi/answers.js';
import { Platform } from '../platform.js';
import { invalid } from '../problem/api-error.js';
import { capabilitiesExample } from './certificate-examples.js';
import { CapabilitiesDto } from './certificate.dto.js';
import type { Plain } from '../http/plain.js';

const KEYS_MAX = 50;

@ApiTags('Keys')
@Controller('v1/recipients')
export class CapabilitiesController {
  constructor(private readonly platform: Platform) {}

  @Get(':address/capabilities')
  @NeedsScope('keys:read')
  @ApiOperation({
    operationId: 'getRecipientCapabilities',
    summary: 'Say how mail to an address would be protected',
    description: 'What `auto` would choose now, and why.',
  })
  @ApiParam({ name: 'address', example: 'ann@customer.example' })
  @Answers(200, CapabilitiesDto, { description: 'The protection.', example: capabilitiesExample })
  @Refuses('ERR_REQUEST_INVALID')
  async get(@Caller() { organizationId }: ApiKey, @Param('address') text: string): Promise<Plain<CapabilitiesDto>> {
    const address = normalizeAddress(text);
    if (address === undefined) {
      throw invalid({ pointer: '/address', code: 'ERR_VALUE_INVALID', message: 'must be a mail address' });
    }
    const { certificates, keys: usableKeys } = this.platform.stores;
    const [{ items }, usable] = await Promise.all([
      certificates.list(organizationId, { address }, { limit: KEYS_MAX, cursor: null }),
      usableKeys.usable(organizationId, [address], this.platform.clock.now()),
    ]);
    const isSealable = usable.length > 0;
    return {
      address,
      protection: isSealable ? 'smime' : null,
      wouldHold: isSealable ? null : 'ERR_KEY_MISSING',
      why: reason(isSealable, items.length),
      keys: items.map((item) => this.keyOf(item, address)),
    };
  }

  private keyOf({ id, notAfter, pem }: StoredCertificate, address: string): Plain<CapabilitiesDto>['keys'][number] {
    const { trustAnchors, clock } = this.platform;
    const [info] = parseCertificates(Buffer.from(pem));
    const check = info === undefined ? undefined : checkCertificate(info, { at: clock.now(), trustAnchors, address });
    const problems = check?.problems ?? ['ERR_CERTIFICATE_MALFORMED'];
    return { type: 'smime', certificateId: id, notAfter, usable: check?.usable ?? false, problems: [...problems] };
  }
}

function reason(isSealable: boolean, count: number): string {
  if (isSealable) return 'There is a certificate that mail may be sealed to now.';
  if (count === 0) return 'There is no certificate of this address; a copy that must be protected is held.';
  return 'No certificate of this address can be used now; a copy that must be protected is held.';
}
