import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Equals, IsBoolean, IsString, Length } from 'class-validator';
import { MayBeAbsent } from '../http/constraints.js';

const NAME = { message: 'must have 1 to 200 characters' };
const FLAG = { message: 'must be true or false' };
const SECRET = { message: 'must have 1 to 500 characters' };

/** What of a connector can be changed. */
export class ConnectorChangeDto {
  @ApiProperty({ maxLength: 200 })
  @IsString({ message: 'must be a text' })
  @Length(1, 200, NAME)
  name!: string;

  @ApiPropertyOptional({
    default: false,
    description: 'Whether what comes by it may speak for the organization. If not, it is never `internal`.',
  })
  @MayBeAbsent()
  @IsBoolean(FLAG)
  trusted?: boolean;

  @ApiPropertyOptional({ default: true, description: 'A disabled one is not there for those who call it.' })
  @MayBeAbsent()
  @IsBoolean(FLAG)
  enabled?: boolean;

  @ApiPropertyOptional({
    writeOnly: true,
    description:
      'What the sender signs with, in the form of its provider; for `generic` `whsec_` and the base64 of 16 to 512 bytes. Never shown. Absent: POST makes one, PUT and PATCH keep it.',
  })
  @MayBeAbsent()
  @IsString({ message: 'must be a text' })
  @Length(1, 500, SECRET)
  secret?: string;
}

export class ConnectorInputDto extends ConnectorChangeDto {
  @ApiPropertyOptional({ enum: ['in'], default: 'in' })
  @MayBeAbsent()
  @Equals('in', { message: 'must be in' })
  direction?: string;

  @ApiProperty({ description: 'Who calls.', enum: ['generic', 'mailgun'] })
  @IsString({ message: 'must be the name of a provider' })
  @Length(1, 50, { message: 'must be the name of a provider' })
  provider!: string;
}

export class ConnectorDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer' })
  version!: number;

  @ApiProperty()
  name!: string;

  @ApiProperty({ enum: ['in'] })
  direction!: string;

  @ApiProperty()
  provider!: string;

  @ApiProperty()
  trusted!: boolean;

  @ApiProperty()
  enabled!: boolean;

  @ApiProperty({ format: 'uri', description: 'Where the provider calls.' })
  url!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class NewConnectorDto extends ConnectorDto {
  @ApiPropertyOptional({ description: 'Shown once, if it was made here.' })
  secret?: string;
}

export class ConnectorListDto {
  @ApiProperty({ type: () => [ConnectorDto] })
  items!: ConnectorDto[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor!: string | null;
}
