import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength, MinLength } from 'class-validator';
import { IsAddress, MayBeAbsent } from '../http/constraints.js';
import { PageQueryDto } from '../http/page-query.dto.js';

const PEM_CHARS_MAX = 1_048_576;

export class CertificateInputDto {
  @ApiProperty({ description: 'One certificate or several (RFC 7468).' })
  @IsString({ message: 'must be PEM text' })
  @MinLength(1, { message: 'must be PEM text' })
  @MaxLength(PEM_CHARS_MAX, { message: `must have at most ${PEM_CHARS_MAX} characters` })
  pem!: string;
}

export class CertificateQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Only those of this address.', example: 'ann@customer.example' })
  @MayBeAbsent()
  @IsAddress()
  address?: string;
}

class TrustDto {
  @ApiProperty({ enum: ['trusted', 'unchecked', 'untrusted'] })
  status!: string;

  @ApiProperty({ description: 'Why it is so.' })
  reason!: string;
}

export class CertificateDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: [String], description: 'E-mail addresses of the subject alternative name.' })
  addresses!: string[];

  @ApiProperty()
  subject!: string;

  @ApiProperty()
  issuer!: string;

  @ApiProperty({ description: 'SHA-256 of the DER, hex.' })
  fingerprint!: string;

  @ApiProperty({ description: 'Hex.' })
  serialNumber!: string;

  @ApiProperty({ format: 'date-time' })
  notBefore!: string;

  @ApiProperty({ format: 'date-time' })
  notAfter!: string;

  @ApiProperty({ example: 'rsa' })
  keyType!: string;

  @ApiProperty({ type: 'integer', nullable: true })
  keySizeBits!: number | null;

  @ApiProperty({ type: () => TrustDto })
  trust!: TrustDto;

  @ApiProperty()
  pem!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class CertificateListDto {
  @ApiProperty({ type: () => [CertificateDto] })
  items!: CertificateDto[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor!: string | null;
}

class CertificateRefusalDto {
  @ApiProperty()
  fingerprint!: string;

  @ApiProperty()
  subject!: string;

  @ApiProperty({ type: [String], description: 'Codes of docs/errors.md.' })
  problems!: string[];
}

/** The answer to a PEM with several certificates. */
export class CertificatesDto {
  @ApiProperty({ type: () => [CertificateDto], description: 'Taken, or known already.' })
  items!: CertificateDto[];

  @ApiProperty({ type: () => [CertificateRefusalDto] })
  refused!: CertificateRefusalDto[];
}

class KeyDto {
  @ApiProperty({ enum: ['smime'] })
  type!: string;

  @ApiProperty({ format: 'uuid' })
  certificateId!: string;

  @ApiProperty({ format: 'date-time' })
  notAfter!: string;

  @ApiProperty({ description: 'Mail may be sealed to it now.' })
  usable!: boolean;

  @ApiProperty({ type: [String], description: 'Why not: codes of docs/errors.md.' })
  problems!: string[];
}

export class CapabilitiesDto {
  @ApiProperty()
  address!: string;

  @ApiProperty({
    type: 'string',
    enum: ['smime'],
    nullable: true,
    description: 'What `auto` would choose now; `null`: nothing.',
  })
  protection!: string | null;

  @ApiProperty({ type: 'string', nullable: true, description: 'The code with which a protected copy would be held.' })
  wouldHold!: string | null;

  @ApiProperty({ description: 'The reason, in a sentence.' })
  why!: string;

  @ApiProperty({ type: () => [KeyDto] })
  keys!: KeyDto[];
}
